import NIOCore

/// A message as it came, before it is an ``AMQPDelivery``: nothing in its properties has been looked at.
///
/// An object: on its way to the consumer it changes hands a dozen times, and copies would cost more than it does.
final class ReceivedMessage: Sendable {
    let deliveryTag: UInt64
    let isRedelivered: Bool
    let exchange: String
    let routingKey: String
    /// Whether exchange or routing key were not UTF-8, and are not what was sent.
    let hasInvalidText: Bool
    let encodedProperties: ByteBuffer
    let body: ByteBuffer

    init(
        deliveryTag: UInt64,
        isRedelivered: Bool,
        exchange: String,
        routingKey: String,
        hasInvalidText: Bool,
        encodedProperties: ByteBuffer,
        body: ByteBuffer
    ) {
        self.deliveryTag = deliveryTag
        self.isRedelivered = isRedelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.hasInvalidText = hasInvalidText
        self.encodedProperties = encodedProperties
        self.body = body
    }
}
