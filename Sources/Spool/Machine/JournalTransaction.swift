/// What is written at once: all of it, or nothing.
struct JournalTransaction {
    /// New rows, in order.
    var rows: [JournalMachine.Entry] = []
    /// What comes before this is settled: rows below are deleted, the rest is kept beside them.
    var mark: JournalPosition?
    /// Changes to the dead letters.
    var letters: [PendingLetter] = []
    /// New digests of the duplicate window.
    var digests: [DuplicateWindow.Entry] = []
    /// Write something even if there is nothing, to see whether the disk takes it.
    var isProbe = false

    /// The mark, where the rows alone don't tell it: beside a new row, the absence of those before it does.
    var markToWrite: JournalPosition? {
        mark.flatMap { $0.index > 0 || rows.isEmpty ? $0 : nil }
    }

    var isEmpty: Bool { rows.isEmpty && mark == nil && letters.isEmpty && digests.isEmpty && !isProbe }
    /// Whether it only frees room.
    var isOnlySettlement: Bool { rows.isEmpty && letters.isEmpty && digests.isEmpty && !isProbe }
    /// Bytes that it adds, about.
    var byteCount: Int {
        rows.reduce(0) { $0 + $1.batch.byteCount } + letters.reduce(0) { $0 + $1.byteCount } + digests.count * 24
    }
}
