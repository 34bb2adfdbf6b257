import Foundation
import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(2))) struct JournalFullTests {
    private let payload = String(repeating: "x", count: 10_000)

    private func small(_ spool: TestSpool) async throws -> Journal {
        try await spool.start {
            $0.maxBytes = 2_000_000
            $0.windowMessages = 20
        }
    }

    /// Appends batches until the disk refuses.
    private func fill(_ journal: Journal, of spool: TestSpool, from first: Int = 0) async -> Int {
        var count = first
        while journal.status.refusal == nil, !Task.isCancelled {
            journal.append(.of("\(count) \(payload)"))
            count += 1
            let received = count
            await spool.observer.events.wait { $0.received >= received }
        }
        return count
    }

    private func settleAll(_ journal: Journal, of spool: TestSpool, count: Int) async {
        var settled = 0
        while settled < count, !Task.isCancelled {
            let deliveries = await spool.sink.wait(for: settled + 1)
            settled = deliveries.count
            journal.settle(through: deliveries[settled - 1].position)
        }
    }

    private func numbers(_ spool: TestSpool) -> [Int?] {
        spool.sink.deliveries.elements.map { Int($0.text.prefix { $0 != " " }) }
    }

    @Test func `past max_bytes messages wait in memory, keep their order, and are journalled when there is room`()
        async throws
    {
        let spool = TestSpool()
        let journal = try await small(spool)
        let onDisk = await fill(journal, of: spool)
        #expect(spool.observer.events.elements.refusals.first == .maxBytes)
        for number in onDisk..<onDisk + 50 { journal.append(.of("\(number) \(payload)")) }
        await spool.observer.events.wait { $0.received >= onDisk + 50 }

        let full = journal.status
        #expect(full.messages == onDisk + 50)
        #expect(full.messagesInMemory >= 50)
        #expect(full.unjournalledMessages == full.messagesInMemory)
        #expect(full.fileBytes <= 2_000_000 + 3 * SpoolBudget.pageSize)

        await settleAll(journal, of: spool, count: onDisk + 50)
        await spool.observer.events.wait { $0.isAccepting }
        #expect(numbers(spool) == Array(0..<onDisk + 50))
        // The second counts as received once it is on disk.
        for number in 50...51 { journal.append(.of("\(onDisk + number) after")) }
        await spool.observer.events.wait { $0.received >= onDisk + 52 }
        #expect(journal.status.unjournalledMessages == 0)
        #expect(journal.status.messages == 2)
        await journal.close()
        #expect(try spool.query("SELECT sum(count) FROM journal") == [2])
    }

    @Test func `with a larger max_bytes what waits in memory is journalled, and with a smaller one it is full again`()
        async throws
    {
        let spool = TestSpool()
        let journal = try await small(spool)
        let onDisk = await fill(journal, of: spool)
        #expect(journal.status.messagesInMemory > 0)
        var limits = journal.configuration
        limits.maxBytes = 20_000_000
        journal.changeLimits(to: limits)
        await spool.observer.events.wait { $0.isAccepting }
        #expect(journal.status.maxBytes == 20_000_000)
        for number in onDisk..<2 * onDisk { journal.append(.of("\(number) \(payload)")) }
        await spool.observer.events.wait { $0.received >= 2 * onDisk }
        #expect(journal.status.refusal == nil)
        #expect(journal.status.fileBytes > 2_000_000)

        limits.maxBytes = 1_000_000
        limits.maxMemory = 0
        journal.changeLimits(to: limits)
        // Not even memory has room for it.
        #expect(journal.append(.of("\(2 * onDisk) \(payload)")) == false)
        limits.maxMemory = 1_000_000
        journal.changeLimits(to: limits)
        let more = await fill(journal, of: spool, from: 2 * onDisk)
        #expect(journal.status.refusal == .maxBytes)
        await settleAll(journal, of: spool, count: more)
        #expect(numbers(spool) == Array(0..<more))
        await journal.close()
    }

    @Test func `a stop tries the disk once more, and where it has room by then all is written`() async throws {
        let spool = TestSpool()
        let journal = try await small(spool)
        let count = await fill(journal, of: spool)
        #expect(journal.status.unjournalledMessages > 0)
        var limits = journal.configuration
        limits.maxBytes = 20_000_000
        journal.changeLimits(to: limits)
        await journal.close()
        #expect(journal.status.unjournalledMessages == 0)
        #expect(try spool.query("SELECT sum(count) FROM journal") == [count])
    }

    @Test func `less free space than min_free_bytes is full`() async throws {
        let spool = TestSpool()
        let journal = try await spool.start { $0.minFreeBytes = .max }
        journal.append(.of("a"))

        #expect(await spool.sink.wait(for: 1).map(\.text) == ["a"])
        await spool.observer.events.wait { !$0.refusals.isEmpty }
        journal.append(.of("b"))
        await spool.observer.events.wait { $0.received == 2 }
        #expect(spool.observer.events.elements.refusals == [.minFreeBytes])
        #expect(journal.status.messagesInMemory == 2)
        journal.settle(through: JournalPosition(row: 2, index: 0))
        await journal.close()
        #expect(try spool.query("SELECT count(*) FROM journal") == [0])
    }

    @Test func `a dead letter that finds no room waits with its settlement`() async throws {
        let spool = TestSpool()
        let journal = try await spool.start { $0.minFreeBytes = .max }
        journal.append(.of("a", "b"))
        let deliveries = await spool.sink.wait(for: 2)
        let kept = Recorder<Int>()
        journal.keep(.of("to fedmsg", .toFedmsg)) { kept.add([1]) }
        journal.reject(at: deliveries[0].position, .of("a"))
        journal.append(.of("c"))
        await spool.observer.events.wait { $0.received == 3 }

        #expect(journal.status.unwrittenDeadLetters == 2)
        #expect(kept.elements.isEmpty)
        await journal.close()
    }

    /// A file system of its own, of 4 MB; needs the right to mount one.
    @Test func `on a full file system order holds, and it goes on when there is space`() async throws {
        let fileSystem = try TemporaryFileSystem(bytes: 4_000_000)
        defer { fileSystem.unmount() }
        let spool = TestSpool(in: fileSystem.path)
        let journal = try await spool.start { $0.windowMessages = 20 }
        try fileSystem.fill(leaving: 2_000_000)
        let onDisk = await fill(journal, of: spool)
        for number in onDisk..<onDisk + 20 { journal.append(.of("\(number) \(payload)")) }
        await spool.observer.events.wait { $0.received >= onDisk + 20 }
        #expect(journal.status.messagesInMemory >= 20)

        // Settled while the disk may take nothing at all.
        let deliveries = await spool.sink.wait(for: 20)
        journal.settle(through: deliveries[19].position)
        try fileSystem.empty()
        await spool.observer.events.wait { $0.isAccepting }
        await settleAll(journal, of: spool, count: onDisk + 20)
        #expect(numbers(spool) == Array(0..<onDisk + 20))
        await journal.close()
        #expect(try spool.query("SELECT count(*) FROM journal") == [0])
    }
}

/// A small file system in memory.
struct TemporaryFileSystem {
    let path: String

    init(bytes: Int) throws {
        path = NSTemporaryDirectory() + "/spool-tests-mount-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            throw POSIXError(.EPERM)
        }
    }

    private var ballast: String { path + "/ballast" }

    /// Takes the room that is left, or all but some of it.
    func fill(leaving bytes: Int = 0) throws {
        let free = SpoolFiles(path: ballast).freeBytes ?? 0
        try Data(repeating: 1, count: free - bytes).write(to: URL(fileURLWithPath: ballast))
    }

    func empty() throws {
        try FileManager.default.removeItem(atPath: ballast)
    }

    func unmount() {
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }
}
