/// Takes what the journal hands over. Every method is called on the journal's thread: it takes the values and returns.
public protocol JournalSink: Sendable {
    /// Messages to publish, in order. Each is settled later by ``Journal/settle(through:)`` or
    /// ``Journal/reject(at:_:)``.
    func deliver(_ batches: [JournalledBatch])

    /// Whether letters that are tried again to fedmsg would go out now: until then they stay where a command may drop them.
    var takesRetries: Bool { get }

    /// Dead letters of the direction to fedmsg that an operator tries again. Each is answered later by
    /// ``Journal/settleRetry(of:)`` or ``Journal/rejectRetry(of:_:)``.
    func retry(_ letters: [DeadLetter])
}
