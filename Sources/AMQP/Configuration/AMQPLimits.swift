/// What a broker may make this client hold in memory.
public struct AMQPLimits: Sendable, Hashable {
    /// Bytes of a message's body, 128 MiB by default: RabbitMQ's own limit up to 3.13. A longer one ends its channel
    /// with `limitExceeded`.
    public var maxBodySize: Int
    /// Bytes of a frame of the broker's before the peers have agreed on a size, 8 KiB by default. A longer one ends the connection.
    public var maxFrameBeforeTune: UInt32
    /// Bytes of bodies that a consumer holds and nobody has taken, 64 MiB by default; then reading stops.
    public var maxBufferedDeliveryBytes: Int

    /// Creates limits; the defaults suit a broker that is not hostile.
    public init(
        maxBodySize: Int = 128 << 20,
        maxFrameBeforeTune: UInt32 = 8 << 10,
        maxBufferedDeliveryBytes: Int = 64 << 20
    ) {
        self.maxBodySize = maxBodySize
        self.maxFrameBeforeTune = maxFrameBeforeTune
        self.maxBufferedDeliveryBytes = maxBufferedDeliveryBytes
    }
}
