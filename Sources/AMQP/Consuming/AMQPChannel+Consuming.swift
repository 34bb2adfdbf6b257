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

    // MARK: On the event loop

    /// Acknowledges a delivery. On the event loop.
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, `staleDelivery`, or `invalidArgument` where none with this tag is to
    ///   be settled; nothing is sent then.
    public func ack(_ tag: UInt64) throws(AMQPError) {
        try onEventLoop { connection throws(AMQPError) in try connection.settle(tag, as: .ack, on: self) }
    }

    /// Acknowledges all deliveries up to and with this one that are not settled. On the event loop.
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, `staleDelivery`, or `invalidArgument` where none with this tag is to
    ///   be settled; nothing is sent then.
    public func ack(through tag: UInt64) throws(AMQPError) {
        try onEventLoop { connection throws(AMQPError) in try connection.settle(through: tag, on: self) }
    }

    /// Hands a delivery back, or away (basic.nack). On the event loop.
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, `staleDelivery`, or `invalidArgument` where none with this tag is to
    ///   be settled; nothing is sent then.
    public func nack(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try onEventLoop { connection throws(AMQPError) in
            try connection.settle(tag, as: .nack(requeue: requeue), on: self)
        }
    }

    /// Hands all deliveries up to and with this one that are not settled back, or away (basic.nack). On the event loop.
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, `staleDelivery`, or `invalidArgument` where none with this tag is to
    ///   be settled; nothing is sent then.
    public func nack(through tag: UInt64, requeue: Bool) throws(AMQPError) {
        try onEventLoop { connection throws(AMQPError) in
            try connection.settle(through: tag, nackRequeue: requeue, on: self)
        }
    }

    /// Refuses a delivery (basic.reject), which RabbitMQ counts as a failed one. On the event loop.
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, `staleDelivery`, or `invalidArgument` where none with this tag is to
    ///   be settled; nothing is sent then.
    public func reject(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try onEventLoop { connection throws(AMQPError) in
            try connection.settle(tag, as: .reject(requeue: requeue), on: self)
        }
    }
}
