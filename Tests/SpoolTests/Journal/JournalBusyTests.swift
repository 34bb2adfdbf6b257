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
}
