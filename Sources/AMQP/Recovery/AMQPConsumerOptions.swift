/// How to consume.
public struct AMQPConsumerOptions: Sendable, Equatable {
    /// How many unsettled deliveries the broker may have sent, 100 by default; 0 for no bound.
    public var prefetch: UInt16
    /// Whether deliveries have to be acknowledged.
    public var needsSettlement: Bool
    /// Whether no other consumer may use the queue meanwhile.
    public var exclusive: Bool
    /// As `x-stream-offset` or `x-priority`.
    public var arguments: AMQPTable

    /// Creates options.
    public init(
        prefetch: UInt16 = 100,
        needsSettlement: Bool = true,
        exclusive: Bool = false,
        arguments: AMQPTable = [:]
    ) {
        self.prefetch = prefetch
        self.needsSettlement = needsSettlement
        self.exclusive = exclusive
        self.arguments = arguments
    }
}
