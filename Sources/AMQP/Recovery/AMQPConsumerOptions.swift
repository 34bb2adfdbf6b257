/// How to consume.
public struct AMQPConsumerOptions: Sendable, Equatable {
    /// How many unsettled deliveries the broker may have sent, 100 by default; 0 for no bound.
    public var prefetch: UInt16
    /// Whether deliveries have to be acknowledged.
    public var needsSettlement: Bool
    /// Whether no other consumer may use the queue meanwhile.
    public var exclusive: Bool
    /// As `x-stream-offset`, with which the first start begins, or `x-priority`.
    public var arguments: AMQPTable
    /// Whether it is started again without end. By default it fails when the broker closes its channel, or the connection
    /// over its start, twice in the same way with nothing settled in between, or when what ``AMQPLimits`` forbid comes again.
    public var retriesForever: Bool

    /// Creates options.
    public init(
        prefetch: UInt16 = 100,
        needsSettlement: Bool = true,
        exclusive: Bool = false,
        arguments: AMQPTable = [:],
        retriesForever: Bool = false
    ) {
        self.prefetch = prefetch
        self.needsSettlement = needsSettlement
        self.exclusive = exclusive
        self.arguments = arguments
        self.retriesForever = retriesForever
    }
}
