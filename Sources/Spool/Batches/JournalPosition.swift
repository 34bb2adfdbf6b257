/// Where a message stands in the journal: its row, and its place in the row from 0.
public struct JournalPosition: Hashable, Comparable, Sendable {
    /// The journal's row: grows by one a batch.
    public var row: Int64
    /// The message's place in the row, from 0.
    public var index: Int

    /// A position.
    public init(row: Int64, index: Int) {
        self.row = row
        self.index = index
    }

    /// Orders by row, then by place in it.
    public static func < (left: JournalPosition, right: JournalPosition) -> Bool {
        (left.row, left.index) < (right.row, right.index)
    }
}

extension JournalPosition: CustomStringConvertible {
    /// `row.index`.
    public var description: String { "\(row).\(index)" }
}
