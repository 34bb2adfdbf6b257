/// Whether a message outlives a restart of the broker; any 8 bits.
///
/// It matters to classic queues: what is not ``persistent`` they lose in a restart, though it was confirmed. Quorum queues and
/// streams keep every message.
public struct AMQPDeliveryMode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt8

    /// Any mode, known or not.
    @inlinable public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}

extension AMQPDeliveryMode {
    /// Lost when the broker restarts. What has no mode counts as this.
    @inlinable public static var transient: Self { Self(rawValue: 1) }
    /// Kept on disk, in a durable queue, and confirmed once it is there.
    @inlinable public static var persistent: Self { Self(rawValue: 2) }
}
