import GRDB
import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(1))) struct JournalBusyTests {
    let spool = TestSpool()

    @Test func `a write lock held elsewhere is waited for, shown, and then gone around in memory`() async throws {
        let journal = try await spool.start()
        #expect(journal.diskBusyFor == nil)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: spool.path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }

        journal.append(.of("a"))
        while journal.diskBusyFor == nil, !Task.isCancelled { await Task.yield() }
        #expect(journal.append(.of("b")), "receipt does not wait for the disk")
        #expect(journal.status.unjournalledMessages == 2)
        #expect(await spool.sink.wait(for: 2).map(\.text) == ["a", "b"])
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
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: spool.path, configuration: configuration)
        try await other.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN")
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM journal") == 0)
        }

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
}
