public import NIOCore

/// A message to publish: where it goes, its properties, its body.
public struct AMQPMessage: Sendable {
    /// The exchange to publish to; empty means the default exchange, which routes by queue name.
    public var exchange: String
    /// At most 255 bytes of UTF-8.
    public var routingKey: String
    /// The content's properties and headers.
    public var properties: AMQPBasicProperties
    /// The bytes, as they are.
    public var body: ByteBuffer
    /// Whether the broker has to hand the message back when no queue takes it: ``PublishOutcome/returned(_:)``.
    ///
    /// Such a message has one header more, `x-publish-number`, which consumers see. What comes back names no publish, and
    /// neither its place among the confirms nor its content tells which one it was: two alike may differ in their fate
    /// where a binding comes or goes, and brokers change headers.
    public var mandatory: Bool

    /// The header by which a returned message is told from others: nothing else that comes back with it names the
    /// publish. RabbitMQ's .NET client does the same. Only mandatory messages have it.
    package static let publishNumberHeader = "x-publish-number"

    /// Creates a message; without `mandatory` one that nobody is bound to is confirmed and gone.
    public init(
        exchange: String = "",
        routingKey: String,
        properties: AMQPBasicProperties = AMQPBasicProperties(),
        body: ByteBuffer,
        mandatory: Bool = false
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
        self.mandatory = mandatory
    }
}
