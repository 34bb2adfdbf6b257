extension AMQPReply.Cause {
    /// What the broker refuses a publish for.
    public enum Culprit: Sendable, Hashable {
        /// The message alone: it is refused whenever it comes, and others are not.
        case message
        /// The exchange: until it is there, or open to the user, whatever is published to it is refused.
        case exchange
    }

    /// Whose fault it is that a publish was refused; nil where the text does not say.
    public var culprit: Culprit? {
        switch self {
        case .topicRefused, .messageTooLarge: .message
        case .exchangeRefused, .exchangeMissing: .exchange
        default: nil
        }
    }
}
