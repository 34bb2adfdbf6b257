public import NIOCore

/// A message that a consumer got. It is settled once, over the channel that brought it.
public struct AMQPDelivery: Sendable {
    /// The channel that brought it.
    public let channel: AMQPChannel
    /// The tag of the consumer; empty for what ``AMQPChannel/get(_:needsSettlement:)`` got.
    public let consumerTag: String
    private let message: ReceivedMessage

    /// Names the delivery on its channel.
    public var tag: UInt64 { message.deliveryTag }
    /// Whether it may have been delivered before.
    public var redelivered: Bool { message.isRedelivered }
    /// The exchange that it was published to.
    public var exchange: String { message.exchange }
    /// The routing key that it was published with.
    public var routingKey: String { message.routingKey }
    /// Whether the exchange's name or the routing key were not UTF-8, and their faults were replaced by U+FFFD.
    public var hasInvalidText: Bool { message.hasInvalidText }
    /// Property flags and list as they came.
    public var encodedProperties: ByteBuffer { message.encodedProperties }
    /// The bytes of the body.
    public var body: ByteBuffer { message.body }

    /// The properties, decoded anew at each call. Never fails: what can't be read is in `malformed`.
    public var properties: AMQPBasicProperties { AMQPBasicProperties(decoding: encodedProperties) }

    init(_ message: ReceivedMessage, channel: AMQPChannel, consumerTag: String) {
        self.message = message
        self.channel = channel
        self.consumerTag = consumerTag
    }
}

extension AMQPDelivery {
    /// Tells the broker that the message is done with (basic.ack).
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, with `invalidArgument` where it needs no settlement, or with
    ///   `staleDelivery` where its channel is gone and the broker delivers the message again. Nothing is sent then.
    public func ack() async throws(AMQPError) {
        try await channel.connection.settle(tag, as: .ack, on: channel)
    }

    /// Tells the broker that this message and all before it on its channel are done with, as far as they are not settled
    /// (basic.ack with `multiple`).
    ///
    /// - Throws: as ``ack()``.
    public func ackThrough() async throws(AMQPError) {
        try await channel.connection.settle(through: tag, on: channel)
    }

    /// Gives the message back to its queue, or away (basic.nack).
    ///
    /// - Throws: as ``ack()``.
    public func nack(requeue: Bool) async throws(AMQPError) {
        try await channel.connection.settle(tag, as: .nack(requeue: requeue), on: channel)
    }

    /// Gives this message and all before it on its channel back to their queues, or away, as far as they are not settled
    /// (basic.nack with `multiple`).
    ///
    /// - Throws: as ``ack()``.
    public func nackThrough(requeue: Bool) async throws(AMQPError) {
        try await channel.connection.settle(through: tag, nackRequeue: requeue, on: channel)
    }

    /// Refuses the message (basic.reject), which RabbitMQ from 4.3 on counts as a failed delivery.
    ///
    /// - Throws: as ``ack()``.
    public func reject(requeue: Bool) async throws(AMQPError) {
        try await channel.connection.settle(tag, as: .reject(requeue: requeue), on: channel)
    }
}
