/// What a consumer gets, synchronously, on the connection's event loop.
///
/// What it holds is bounded by the channel's prefetch, and by nothing where none is set: set one.
public struct AMQPConsumerHandlers: Sendable {
    /// Deliveries that arrived together, in order.
    public var deliveries: @Sendable ([AMQPDelivery]) -> Void
    /// The consumer is over: the broker cancelled it, as when its queue was deleted or, from RabbitMQ 4.3 on, it held a
    /// delivery for too long; or the channel is closed.
    public var cancelled: @Sendable (AMQPError) -> Void
    /// It is cancelled from this side, and nothing more is delivered.
    var cancelledHere: @Sendable () -> Void = {}

    /// Handlers.
    public init(
        deliveries: @escaping @Sendable ([AMQPDelivery]) -> Void,
        cancelled: @escaping @Sendable (AMQPError) -> Void = { _ in }
    ) {
        self.deliveries = deliveries
        self.cancelled = cancelled
    }
}
