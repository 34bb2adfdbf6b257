/// How much may be published and not yet settled, on one channel.
public struct PublishWindow: Sendable, Hashable {
    /// Publishes from the oldest unsettled one on.
    public var messages: Int
    /// Bytes of their bodies; the message that passes the bound still goes out.
    public var bytes: Int

    /// Creates a window, of 1000 messages and 16 MiB by default.
    public init(messages: Int = 1000, bytes: Int = 16 << 20) {
        self.messages = messages
        self.bytes = bytes
    }
}
