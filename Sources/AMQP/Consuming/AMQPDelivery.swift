public import NIOCore

/// A message that a consumer got. It is settled once, over the channel that brought it.
public struct AMQPDelivery: Sendable {
    /// The channel that brought it.
    public let channel: AMQPChannel
    /// Names the delivery on its channel.
    public let tag: UInt64
    /// The tag of the consumer; empty for what ``AMQPChannel/get(_:needsSettlement:)`` got.
    public let consumerTag: String
    /// Whether it may have been delivered before.
    public let redelivered: Bool
    /// The exchange that it was published to.
    public let exchange: String
    /// The routing key that it was published with.
    public let routingKey: String
    /// Whether the exchange's name or the routing key were not UTF-8, and their faults were replaced by U+FFFD.
    public let hasInvalidText: Bool
    /// Property flags and list as they came.
    public let encodedProperties: ByteBuffer
    /// The bytes of the body.
    public let body: ByteBuffer

    /// The properties, decoded anew at each call. Never fails: what can't be read is in `malformed`.
    public var properties: AMQPBasicProperties { AMQPBasicProperties(decoding: encodedProperties) }

    init(_ message: ReceivedMessage, channel: AMQPChannel, consumerTag: String) {
        self.channel = channel
        tag = message.deliveryTag
        self.consumerTag = consumerTag
        redelivered = message.isRedelivered
        exchange = message.exchange
        routingKey = message.routingKey
        hasInvalidText = message.hasInvalidText
        encodedProperties = message.encodedProperties
        body = message.body
    }
}

extension AMQPDelivery {
    /// Tells the broker that the message is done with (basic.ack).
    ///
    /// - Throws: ``AMQPError`` with `deliveryAlreadySettled`, or with `staleDelivery` where its channel is gone and
    ///   the broker delivers the message again. Nothing is sent then.
    public func ack() async throws(AMQPError) {
        try await channel.connection.settle(tag, as: .ack, on: channel)
    }

    /// Gives the message back to its queue, or away (basic.nack).
    ///
    /// - Throws: as ``ack()``.
    public func nack(requeue: Bool) async throws(AMQPError) {
        try await channel.connection.settle(tag, as: .nack(requeue: requeue), on: channel)
    }

    /// Refuses the message (basic.reject), which RabbitMQ from 4.3 on counts as a failed delivery.
    ///
    /// - Throws: as ``ack()``.
    public func reject(requeue: Bool) async throws(AMQPError) {
        try await channel.connection.settle(tag, as: .reject(requeue: requeue), on: channel)
    }
}
