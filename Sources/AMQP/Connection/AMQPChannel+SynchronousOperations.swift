import NIOCore

extension AMQPChannel {
    /// The channel as its event loop has it, as NIO's pipelines have `syncOperations` too.
    public var syncOperations: SynchronousOperations { SynchronousOperations(channel: self) }

    /// Publishes and settles at once, without a hop: for those who run on the connection's event loop, as an actor with that
    /// executor, or in a handler. All of it traps elsewhere.
    public struct SynchronousOperations {
        fileprivate let channel: AMQPChannel
    }
}

@available(*, unavailable)
extension AMQPChannel.SynchronousOperations: Sendable {}

extension AMQPChannel.SynchronousOperations {
    // MARK: Publishing

    /// How many messages may go out now: the window has room, the socket takes bytes, and the broker takes publishes. Where
    /// none may, the channel's `room` handler says when.
    public func room() -> Int {
        channel.connection.assumeIsolated { [channel] connection in
            guard let context = try? connection.context(of: channel) else { return 0 }
            return connection.room(on: context)
        }
    }

    /// Whether the socket takes bytes: where not, what was published may still wait for it.
    package var isWritable: Bool { channel.connection.assumeIsolated { $0.socket?.isWritable ?? false } }

    /// Publishes a message, if there is room for it. With all that this turn of the event loop publishes it goes out in one
    /// write.
    ///
    /// - Returns: the publish's number on this channel, which the `settled` handler will name; nil where there is no room and
    ///   nothing went out: the `room` handler says when to try again.
    /// - Throws: ``AMQPError`` with `invalidArgument` where it can't be sent, or the channel was opened without confirms:
    ///   nothing of it was, the channel goes on, and it took no number; or the reason for which the channel is closed.
    public func publish(_ message: AMQPMessage) throws(AMQPError) -> UInt64? {
        try isolated { [channel] connection throws(AMQPError) in
            try connection.publish(ifRoomFor: message, on: channel)
        }
    }

    /// Publishes messages, in order, as many as there is room for, with one look at the channel. Where some are left, the
    /// `room` handler says when to go on.
    ///
    /// - Throws: ``AMQPError`` where the channel is closed, or was opened without confirms: none went out.
    public func publish(
        contentsOf messages: some Collection<AMQPMessage> & Sendable
    ) throws(AMQPError) -> PublishedBatch {
        try isolated { [channel] connection throws(AMQPError) in
            try connection.publish(upToRoom: messages, on: channel)
        }
    }

    /// Publishes what `body` gives to its `publish`, in order, with one look at the channel, and whatever room there is: it is
    /// for the caller to look at ``room()`` before.
    ///
    /// - Parameter body: does nothing else with the channel or its connection.
    /// - Throws: ``AMQPError`` where the channel is closed: none went out.
    package func publish(
        _ body: @Sendable (_ publish: (EncodedPublish) -> Bool) -> Void
    ) throws(AMQPError) -> PublishedBatch {
        try isolated { [channel] connection throws(AMQPError) in try connection.publish(on: channel, body) }
    }

    // MARK: Settling

    /// Acknowledges a delivery.
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, `staleDelivery`, or `invalidArgument` where none with this tag is to
    ///   be settled; nothing is sent then.
    public func ack(_ tag: UInt64) throws(AMQPError) {
        try isolated { [channel] connection throws(AMQPError) in try connection.settle(tag, as: .ack, on: channel) }
    }

    /// Acknowledges all deliveries up to and with this one that are not settled.
    ///
    /// - Throws: as ``ack(_:)``.
    public func ack(through tag: UInt64) throws(AMQPError) {
        try isolated { [channel] connection throws(AMQPError) in try connection.settle(through: tag, on: channel) }
    }

    /// Hands a delivery back, or away (basic.nack).
    ///
    /// - Throws: as ``ack(_:)``.
    public func nack(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try isolated { [channel] connection throws(AMQPError) in
            try connection.settle(tag, as: .nack(requeue: requeue), on: channel)
        }
    }

    /// Hands all deliveries up to and with this one that are not settled back, or away (basic.nack).
    ///
    /// - Throws: as ``ack(_:)``.
    public func nack(through tag: UInt64, requeue: Bool) throws(AMQPError) {
        try isolated { [channel] connection throws(AMQPError) in
            try connection.settle(through: tag, nackRequeue: requeue, on: channel)
        }
    }

    /// Refuses a delivery (basic.reject), which RabbitMQ counts as a failed one.
    ///
    /// - Throws: as ``ack(_:)``.
    public func reject(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try isolated { [channel] connection throws(AMQPError) in
            try connection.settle(tag, as: .reject(requeue: requeue), on: channel)
        }
    }

    private func isolated<Value: Sendable>(
        _ body: @Sendable (isolated AMQPConnection) throws(AMQPError) -> Value
    ) throws(AMQPError) -> Value {
        try channel.connection.assumeIsolated { connection in
            Result { () throws(AMQPError) in try body(connection) }
        }.get()
    }
}
