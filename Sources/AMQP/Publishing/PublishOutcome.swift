/// What became of a message that went out.
public enum PublishOutcome: Sendable {
    /// The broker has it (basic.ack).
    case confirmed
    /// The broker could not take it (basic.nack), and gives no reason.
    case nacked
    /// It was mandatory, and no queue took it (basic.return).
    case returned(PublishReturn)
    /// The broker closed the channel over this message and no other, as with a missing exchange or a missing right.
    case refused(AMQPError)
    /// The channel or the connection ended before the broker said anything: it may have the message, or not.
    case unknown(AMQPError)

    var isConfirmed: Bool {
        if case .confirmed = self { true } else { false }
    }

    func mergesWith(_ other: PublishOutcome) -> Bool {
        switch (self, other) {
        case (.confirmed, .confirmed), (.nacked, .nacked), (.unknown, .unknown): true
        default: false
        }
    }
}

/// Why a mandatory message came back.
public struct PublishReturn: Sendable, Equatable {
    /// 312, no route; 313, no consumers.
    public var replyCode: AMQPReplyCode
    /// The broker's words.
    public var replyText: String
}

/// Publishes next to each other in sequence that had the same outcome.
public struct PublishSettlement: Sendable {
    /// Sequence numbers on their channel, as ``AMQPChannel`` gave them out.
    public internal(set) var numbers: ClosedRange<UInt64>
    /// What became of each of them.
    public internal(set) var outcome: PublishOutcome
}
