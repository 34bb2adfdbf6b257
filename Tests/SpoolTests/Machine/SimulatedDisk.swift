import NIOCore

@testable import Spool

/// What a disk does for a `JournalMachine`, in dictionaries: each transaction is there whole, or not at all.
struct SimulatedDisk {
    /// What it refuses.
    enum Mood: CaseIterable {
        case well, hasNoRoom, hasNoRoomForMarks, fails
    }

    var mood = Mood.well
    private(set) var rows: [Int64: ReceivedBatch] = [:]
    private(set) var mark = JournalPosition(row: 0, index: 0)
    /// Numbers of the messages that are dead letters.
    private(set) var buried: Set<Int> = []
    private(set) var digests: [DuplicateWindow.Entry] = []

    /// Why the transaction is refused; nil where it is written.
    mutating func write(_ transaction: JournalTransaction) -> SpoolRefusal? {
        switch mood {
        case .well: break
        case .hasNoRoom: if !transaction.isOnlySettlement { return .maxBytes }
        case .hasNoRoomForMarks: return .diskFull
        case .fails: return .failed("disk I/O error")
        }
        if let mark = transaction.markToWrite { self.mark = mark }
        if let mark = transaction.mark {
            rows = rows.filter { $0.key >= mark.row }
        }
        for entry in transaction.rows { rows[entry.row] = entry.batch }
        digests += transaction.digests
        for letter in transaction.letters {
            switch letter {
            case .rejected(_, let letter): buried.formUnion(letter.numbers)
            case .kept, .answered: break
            }
        }
        return nil
    }

    /// As many rows as the page has room for, and at least one.
    func read(_ page: JournalMachine.Page) -> (rows: [JournalMachine.StoredRow], isLast: Bool) {
        var found: [JournalMachine.StoredRow] = []
        var (messages, bytes) = (0, 0)
        let there = rows.keys.filter { $0 >= page.from && $0 < page.before }.sorted()
        for row in there {
            guard let batch = rows[row], found.isEmpty || messages < page.messages && bytes < page.bytes else { break }
            found.append(JournalMachine.StoredRow(row: row, batch: batch, origin: .live))
            messages += batch.count
            bytes += batch.byteCount
        }
        return (found, found.count == there.count)
    }

    /// Messages that a start would find, in order.
    var unsettled: [Int] {
        rows.sorted { $0.key < $1.key }.flatMap { row, batch in
            let numbers = batch.numbers
            return row == mark.row ? Array(numbers.dropFirst(mark.index)) : numbers
        }
    }

    /// Whether no mark is past the first row, or past its last message: a start takes one for damage.
    var isMarkWithinRows: Bool {
        guard let first = rows.keys.min(), let count = rows[first]?.count else { return true }
        return mark < JournalPosition(row: first, index: count)
    }

    /// The letters so far are of no more interest.
    mutating func forgetLetters() {
        buried = []
    }

    /// A machine as a start makes it.
    func recover(_ limits: JournalMachine.Limits) -> JournalMachine {
        var machine = JournalMachine(limits: limits)
        let sorted = rows.keys.sorted()
        let range = sorted.first.flatMap { first in sorted.last.map { first...$0 } }
        machine.recover(
            rows: range,
            mark: mark,
            messages: unsettled.count,
            bytes: rows.values.reduce(0) { $0 + $1.byteCount },
            since: sorted.first.flatMap { rows[$0]?.receivedAt }
        )
        return machine
    }
}

extension ReceivedBatch {
    /// The numbers that stand for the messages, their payloads.
    var numbers: [Int] { (0..<count).map { self[$0].payload.peekInteger() ?? -1 } }
}

extension DeadLetter {
    /// The number that stands for the message, its only frame.
    var numbers: [Int] { frames.map { $0.peekInteger() ?? -1 } }
}
