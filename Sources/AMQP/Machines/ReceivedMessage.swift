import NIOCore

/// A message as it came, before it is a ``Delivery``: nothing in its properties has been looked at.
struct ReceivedMessage: Equatable {
    var deliveryTag: UInt64
    var isRedelivered: Bool
    var exchange: String
    var routingKey: String
    /// Whether exchange or routing key were not UTF-8, and are not what was sent.
    var hasInvalidText: Bool
    var encodedProperties: ByteBuffer
    var body: ByteBuffer
}
