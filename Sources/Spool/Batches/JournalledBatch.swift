/// Messages that the journal hands over, with the positions that settle them.
public struct JournalledBatch: Sendable {
    /// Where messages come from.
    public enum Origin: Int, Sendable {
        /// Received by this process, and journalled by now or soon.
        case live = 0
        /// Found in the spool at the start.
        case recovered = 1
        /// A dead letter that an operator tries again.
        case retried = 2
    }

    /// The position of the first message; the others follow in the same row.
    public let first: JournalPosition
    /// The messages.
    public let batch: ReceivedBatch
    /// Where they come from.
    public let origin: Origin

    /// The position of the message at `index` of ``batch``.
    public func position(at index: Int) -> JournalPosition {
        JournalPosition(row: first.row, index: first.index + index)
    }

    /// A batch at a position.
    public init(first: JournalPosition, batch: ReceivedBatch, origin: Origin) {
        self.first = first
        self.batch = batch
        self.origin = origin
    }
}
