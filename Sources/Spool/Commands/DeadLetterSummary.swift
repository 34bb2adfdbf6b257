/// A dead letter without its message, as `spool list` shows it.
public struct DeadLetterSummary: Sendable, Equatable {
    /// What the commands call it.
    public let id: Int64
    /// Which way the message was going.
    public let direction: Direction
    /// Why it was rejected.
    public let reason: String
    /// The reason in words.
    public let detail: String
    /// The topic, or routing key.
    public let topic: String
    /// The message's id, where it has one.
    public let messageID: String?
    /// Bytes of the message.
    public let byteCount: Int
    /// When the message was received, in microseconds since 1970.
    public let receivedAt: Int64
    /// When it was rejected, in microseconds since 1970.
    public let rejectedAt: Int64
    /// Whether it waits to be tried again.
    public let isToBeRetried: Bool
}
