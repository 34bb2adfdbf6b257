import Foundation
import Testing

@testable import Spool

@Suite struct JournalMachineTests {
    /// `JOURNAL_STEPS=50000` makes it a million.
    private static let steps = ProcessInfo.processInfo.environment["JOURNAL_STEPS"].flatMap(Int.init) ?? 1_000

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `any order of events loses nothing, keeps the order and the window`(seed: UInt64) {
        var simulation = JournalSimulation(seed: seed)
        for _ in 0..<Self.steps { simulation.step() }
        simulation.settleEverything()
    }

    /// A machine that has written and handed over these batches.
    private func machine(_ batches: ReceivedBatch..., window: Int = 100) throws -> JournalMachine {
        var machine = JournalMachine(limits: .init(windowMessages: window))
        for batch in batches { machine.accept(batch) }
        _ = machine.committed(try #require(machine.nextTransaction()))
        return machine
    }

    @Test func `batches that arrived together are one transaction`() throws {
        var machine = JournalMachine()
        machine.accept(.of("a"))
        machine.accept(.of("b", "c"))

        let transaction = try #require(machine.nextTransaction())
        #expect(transaction.rows.map(\.batch.count) == [1, 2])
        let handedOver = machine.committed(transaction)
        #expect(handedOver.map(\.first.row) == [1, 2])
        #expect(machine.nextTransaction() == nil)
    }

    @Test func `one batch may go beyond the window, none begins there`() throws {
        let machine = try machine(.of("a", "b", "c"), .of("d"), window: 2)

        #expect(machine.counts.flightMessages == 3)
        #expect(machine.counts.backlogMessages == 1)
        #expect(machine.nextPage() == nil)
    }

    @Test func `what waits is read only where it is not in memory too`() throws {
        var machine = JournalMachine(limits: .init(windowMessages: 1, recentBytes: 2 * ReceivedBatch.of("a").memory))
        for text in ["a", "b", "c", "d"] { machine.accept(.of(text)) }
        let handedOver = machine.committed(try #require(machine.nextTransaction()))
        #expect(handedOver.map(\.first.row) == [1])

        machine.settle(through: JournalPosition(row: 1, index: 0))
        #expect(machine.nextPage() == nil)
        #expect(machine.handOverRecent().map(\.first.row) == [2])
        // There is room in memory again, behind one that was left to the disk alone.
        machine.accept(.of("e"))
        _ = machine.committed(try #require(machine.nextTransaction()))
        machine.settle(through: JournalPosition(row: 2, index: 0))
        #expect(machine.handOverRecent().map(\.first.row) == [3])
        machine.settle(through: JournalPosition(row: 3, index: 0))
        #expect(machine.handOverRecent().isEmpty)
        let page = try #require(machine.nextPage())
        #expect((page.from, page.before) == (4, 5))
        let read = machine.read([.init(row: 4, batch: .of("d"), origin: .live)], isLast: true)
        #expect(read.map(\.first.row) == [4])
        machine.settle(through: JournalPosition(row: 4, index: 0))
        #expect(machine.handOverRecent().map(\.first.row) == [5])
        #expect(machine.recentBytes == 0 && !machine.hasBacklog)
    }

    @Test func `where the disk turns out corrupt, what is in memory too is written again, in order`() throws {
        let limit = 2 * ReceivedBatch.of("a").memory
        var machine = JournalMachine(limits: .init(windowMessages: 1, recentBytes: limit))
        for text in ["a", "b", "c", "d"] { machine.accept(.of(text)) }
        _ = machine.committed(try #require(machine.nextTransaction()))
        machine.accept(.of("e"))

        #expect(machine.diskWasReplaced() == 1)
        #expect(machine.counts.messages == 3)
        let transaction = try #require(machine.nextTransaction())
        // The first is in flight, and on no disk any more.
        #expect(transaction.rows.map(\.row) == [1, 2, 3, 5])
        #expect(machine.counts.queuedMessages == 4)
        #expect(machine.committed(transaction).isEmpty)
        var handedOver: [Int64] = []
        for row in [1, 2, 3] as [Int64] {
            machine.settle(through: JournalPosition(row: row, index: 0))
            handedOver += machine.handOverRecent().map(\.first.row)
        }
        // In place of the lost one the disk has the next.
        #expect(machine.nextPage()?.from == 4)
        let read = machine.read([.init(row: 5, batch: .of("e"), origin: .live)], isLast: true)
        #expect(handedOver + read.map(\.first.row) == [2, 3, 5])
        machine.settle(through: JournalPosition(row: 5, index: 0))
        #expect(machine.counts.messages == 0 && machine.counts.bytes == 0 && machine.counts.backlogMessages == 0)
    }

    @Test func `what comes after the disk was replaced is none of what was found at the start`() {
        var machine = JournalMachine()
        machine.recover(rows: 1...100, mark: JournalPosition(row: 1, index: 0), messages: 100, bytes: 100, since: 0)
        _ = machine.read([.init(row: 1, batch: .of("a"), origin: .live)], isLast: false)
        _ = machine.diskWasReplaced()
        machine.accept(.of("b"))
        #expect(machine.nextRow <= 100)
        #expect(machine.recoveredThrough == 0)
    }

    @Test func `a dead letter and its settlement are one transaction, after all before it`() throws {
        var machine = try machine(.of("a", "b", "c"))
        machine.reject(at: JournalPosition(row: 1, index: 1), .of("b"))
        #expect(machine.nextTransaction() == nil)

        machine.settle(through: JournalPosition(row: 1, index: 0))
        let transaction = try #require(machine.nextTransaction())
        #expect(transaction.letters == [.rejected(JournalPosition(row: 1, index: 1), .of("b"))])
        #expect(transaction.mark == JournalPosition(row: 1, index: 2))
    }

    @Test func `without room for dead letters settlements go on up to the first of them`() throws {
        var machine = try machine(.of("a", "b", "c"))
        machine.reject(at: JournalPosition(row: 1, index: 1), .of("b"))
        machine.settle(through: JournalPosition(row: 1, index: 2))
        machine.refuse(.maxBytes)
        machine.refuse(.maxBytes)

        let transaction = try #require(machine.nextTransaction())
        #expect(transaction.letters.isEmpty)
        #expect(transaction.mark == JournalPosition(row: 1, index: 1))
    }

    @Test func `dead letters that can't be written hold up what may become one, once they fill their share of memory`()
        throws
    {
        var machine = JournalMachine(limits: .init(windowMessages: 1, recentBytes: 0, letterBytes: 10))
        for text in ["a", "b", "c"] { machine.accept(.of(text)) }
        _ = machine.committed(try #require(machine.nextTransaction()))
        machine.refuse(.maxBytes)
        machine.reject(at: JournalPosition(row: 1, index: 0), .of("five!"))
        #expect(machine.nextPage() == nil)

        machine.probe()
        _ = machine.committed(try #require(machine.nextTransaction()))
        #expect(machine.nextPage() != nil)
    }

    @Test func `what is settled in memory while the disk refuses is never written`() throws {
        var machine = JournalMachine()
        machine.refuse(.maxBytes)
        machine.accept(.of("a"))
        machine.accept(.of("b"))
        let tail = machine.handOverUnwritten()
        #expect(tail.count == 2)
        machine.settle(through: JournalPosition(row: 1, index: 0))

        machine.probe()
        let transaction = try #require(machine.nextTransaction())
        #expect(transaction.rows.map(\.row) == [2])
        let handedOver = machine.committed(transaction)
        #expect(handedOver.isEmpty, "it was handed over before")
        #expect(machine.refusal == nil)
    }

    @Test func `one batch is handed over before it is written while nothing is in flight, the others after`() throws {
        var machine = JournalMachine()
        machine.accept(.of("a"))
        machine.accept(.of("b"))
        #expect(machine.handOverUnwritten().map(\.first.row) == [1])
        #expect(machine.handOverUnwritten().isEmpty)
        #expect(machine.counts.messages == 1, "it counts as received, as it may be settled before it is written")

        let transaction = try #require(machine.nextTransaction())
        #expect(transaction.rows.map(\.row) == [1, 2])
        #expect(machine.committed(transaction).map(\.first.row) == [2])
        #expect(machine.counts.messages == 2)
        machine.settle(through: JournalPosition(row: 2, index: 0))
        machine.accept(.of("c"))
        #expect(machine.handOverUnwritten().map(\.first.row) == [3])
    }

    @Test func `nothing is handed over before what waits on disk`() throws {
        var machine = try machine(.of("a"), .of("b"), window: 1)
        machine.settle(through: JournalPosition(row: 1, index: 0))
        machine.accept(.of("c"))

        #expect(machine.handOverUnwritten().isEmpty)
        #expect(machine.handOverRecent().map(\.first.row) == [2])
    }

    @Test func `reports of what is not in flight change nothing`() throws {
        var machine = try machine(.of("a", "b"))
        machine.settle(through: JournalPosition(row: 1, index: 0))

        machine.settle(through: JournalPosition(row: 1, index: 0))
        for position in [(1, 0), (1, 2), (7, 0)] as [(Int64, Int)] {
            let isTaken = machine.reject(at: JournalPosition(row: position.0, index: position.1), .of("?"))
            #expect(!isTaken)
        }
        #expect(machine.counts.messages == 1)
        machine.settle(through: JournalPosition(row: 9, index: 9))
        #expect(machine.counts.messages == 0)
    }
}
