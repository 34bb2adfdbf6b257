extension AMQPChannel {
    /// How many unsettled deliveries each consumer that follows on this channel may have.
    ///
    /// - Throws: ``AMQPError``.
    public func setPrefetch(_ count: UInt16) async throws(AMQPError) {
        _ = try await call(Method.Basic.Qos(prefetchSize: 0, prefetchCount: count))
    }

    /// Fetches one message, if there is one; to be used where a consumer does not fit.
    ///
    /// - Parameters:
    ///   - queue: its name on the broker.
    ///   - needsSettlement: whether the message has to be acknowledged.
    /// - Returns: the message, and how many more wait; nil where the queue is empty.
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed. A cancelled task's message goes back.
    public func get(
        _ queue: String,
        needsSettlement: Bool = true
    ) async throws(AMQPError) -> (delivery: AMQPDelivery, messageCount: Int)? {
        let method = Method.Basic.Get(queue: queue, noAck: !needsSettlement)
        return switch try await call(method, noAck: !needsSettlement) {
        case .got(let delivery, let messageCount): (delivery, Int(messageCount))
        case .method: nil
        }
    }

    /// Consumes from a queue with handlers on the event loop.
    ///
    /// - Parameters:
    ///   - queue: its name on the broker.
    ///   - tag: the consumer's name, one of its own on this channel and not empty.
    ///   - needsSettlement: whether deliveries have to be acknowledged.
    ///   - exclusive: whether no other consumer may use the queue meanwhile.
    ///   - arguments: as `x-stream-offset` or `x-priority`.
    ///   - handlers: called on the event loop; deliveries may come before this returns.
    /// - Throws: ``AMQPError``; where the broker refuses, the channel is closed.
    public func consume(
        _ queue: String,
        tag: String,
        needsSettlement: Bool = true,
        exclusive: Bool = false,
        arguments: AMQPTable = [:],
        handlers: AMQPConsumerHandlers
    ) async throws(AMQPError) {
        let method = Method.Basic.Consume(
            queue: queue,
            consumerTag: tag,
            noAck: !needsSettlement,
            exclusive: exclusive,
            arguments: arguments
        )
        try await connection.consume(method, handlers: handlers, on: self)
    }

    /// Ends a consumer. What comes until the broker's answer goes back to the queue, or is lost where it needs no
    /// settlement. The sequence of a ``withConsumer(_:tag:needsSettlement:exclusive:arguments:_:)`` with this tag gives out what
    /// has come before, and ends.
    ///
    /// - Throws: ``AMQPError``.
    public func cancel(_ tag: String) async throws(AMQPError) {
        try await connection.cancel(tag, on: self)
    }
}
