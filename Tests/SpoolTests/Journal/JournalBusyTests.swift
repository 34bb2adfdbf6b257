import Dispatch
import GRDB
import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(5))) struct JournalBusyTests {
    let spool = TestSpool()

    /// A connection whose transactions may last for several calls.
    private func other() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: spool.path, configuration: configuration)
    }

    /// Such a connection that has begun to read.
    private func reader() async throws -> DatabaseQueue {
        let reader = try other()
        try await reader.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN")
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM journal") == 0)
        }
        return reader
    }

    @Test func `a write lock held elsewhere is waited for, shown, and then gone around in memory`() async throws {
        let journal = try await spool.start()
        #expect(journal.diskBusyFor == nil)
        let other = try other()
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }

        journal.append(.of("a"))
        while journal.diskBusyFor == nil, !Task.isCancelled { await Task.yield() }
        #expect(journal.append(.of("b")), "receipt does not wait for the disk")
        #expect(journal.status.unjournalledMessages == 2)
        #expect(await spool.sink.wait(for: 2).map(\.text) == ["a", "b"])
        await spool.observer.events.wait { $0.received == 2 }
        #expect(spool.observer.events.elements.refusals == [.busy])
        #expect(journal.status.refusedSince != nil)

        try await other.writeWithoutTransaction { try $0.commit() }
        await spool.observer.events.wait { $0.isAccepting }
        journal.append(.of("c"))
        #expect(await spool.sink.wait(for: 3).map(\.text) == ["a", "b", "c"])
        await journal.close()
        #expect(try spool.query("SELECT sum(count) FROM journal") == [3])
    }

    @Test func `somebody who reads for long makes the log grow within max_bytes, and nothing is refused`() async throws
    {
        let journal = try await spool.start { $0.maxBytes = 16_777_216 }
        let other = try await reader()

        let payload = String(repeating: "x", count: 262_144)
        for number in 1...16 {
            journal.append(.of(payload))
            await spool.observer.events.wait { $0.received == number }
        }
        #expect(spool.observer.events.elements.refusals.isEmpty)
        #expect(try spool.query("SELECT count(*) FROM journal") == [16])
        #expect(journal.status.refusal == nil)
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        await journal.close()
    }

    @Test func `what grew beside somebody who reads has room once he is gone`() async throws {
        let maxBytes = 16_777_216
        let journal = try await spool.start { configuration in
            configuration.maxBytes = maxBytes
            configuration.windowMessages = 1
        }
        let other = try await reader()
        let payload = String(repeating: "x", count: 262_144)
        for number in 1...64 {
            journal.append(.of(payload))
            await spool.observer.events.wait { $0.received == number }
        }
        #expect(spool.observer.events.elements.refusals == [.heldByReader])
        try await other.writeWithoutTransaction { database in
            try database.execute(sql: "COMMIT")
            try database.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
        }
        let sizes = SpoolFiles(path: spool.path).sizes()
        #expect(sizes.log > 1_000_000 && sizes.total <= maxBytes, "\(sizes)")
        await journal.close()
    }

    @Test func `beside somebody who reads settlements too stay within max_bytes, and come to disk at the stop`()
        async throws
    {
        let maxBytes = 4_194_304
        let journal = try await spool.start { $0.maxBytes = maxBytes }
        let other = try await reader()
        let payload = String(repeating: "x", count: 50_000)
        var count = 0
        while journal.status.refusal == nil, !Task.isCancelled {
            count += 1
            journal.append(.of(payload))
            await spool.sink.wait(for: count)
        }
        for number in count + 1...count + 500 {
            journal.append(.of("in memory"))
            let deliveries = await spool.sink.wait(for: number)
            guard deliveries.count == number else { break }
            journal.settle(through: deliveries[number - 1].position)
            await journal.flush()
        }
        let sizes = SpoolFiles(path: spool.path).sizes()
        #expect(sizes.log > maxBytes / 3 && sizes.total <= maxBytes, "\(sizes)")
        #expect(Set(spool.observer.events.elements.refusals) == [.heldByReader])
        #expect(journal.status.messages == 0)

        await journal.close()
        #expect(try spool.query("SELECT count(*) FROM journal") == [0])
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
    }

    @Test func `a disk that hangs while the spool is closed is not held against the journal's thread`() async throws {
        var configuration = JournalConfiguration(path: spool.path)
        (configuration.minFreeBytes, configuration.synchronous) = (0, .normal)
        let store = try JournalStore(configuration, clock: Journal.now) { _, _ in }
        let database = store.database
        let journal = Journal(store, observer: spool.observer)
        let release = DispatchSemaphore(value: 0)
        database.asyncWriteWithoutTransaction { _ in _ = release.wait(timeout: .now() + .seconds(60)) }

        async let close: Void = journal.close()
        while journal.diskBusyFor == nil, !Task.isCancelled { await Task.yield() }
        #expect(journal.isTurning(within: .zero))
        release.signal()
        await close
        #expect(journal.diskBusyFor == nil)
    }

    @Test func `a log that a command made large is emptied before the file system counts as too full`() throws {
        var configuration = JournalConfiguration(path: spool.path)
        (configuration.minFreeBytes, configuration.synchronous) = (0, .normal)
        let store = try JournalStore(configuration, clock: Journal.now) { _, _ in }
        var transaction = JournalTransaction()
        transaction.letters = [.kept(.of(String(repeating: "x", count: 1_000_000)), ticket: nil)]
        _ = try store.write(transaction, newestAt: nil, now: 0)
        let other = try DatabaseQueue(path: spool.path)
        try other.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            for number in 0..<8 {
                let time = number % 2 == 0 ? Journal.now() : nil
                try database.execute(sql: "UPDATE dead_letters SET retry_at = ?", arguments: [time])
            }
        }
        #expect(store.files.sizes().log > 8_000_000)

        configuration.minFreeBytes = .max
        store.changeLimits(to: configuration)
        #expect(throws: StoreFailure.self) { try store.write(transaction, newestAt: nil, now: 0) }
        #expect(store.files.sizes().log == 0)
        store.close()
    }
}

extension Journal {
    /// Writes what is settled without waiting for a batch to ride with.
    fileprivate func flush() {
        isFlushDue = true
        turn()
    }
}
