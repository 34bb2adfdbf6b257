/// A queue as it should be. Durable by default: RabbitMQ 4.3 refuses queues that are neither durable nor exclusive by
/// closing the whole connection.
public struct AMQPQueue: Sendable, Equatable {
    /// At most 255 bytes of UTF-8. Of a queue that the broker names, the alias by which bindings and consumers of the
    /// same topology call it.
    public var name: String
    /// Whether the broker chooses the name: a new one on each connection, and once the queue is gone.
    public let isServerNamed: Bool
    /// Whether it outlives the broker.
    public var durable: Bool
    /// Whether only this connection may use it; it goes with the connection.
    public var exclusive: Bool
    /// Whether it goes with its last consumer.
    public var autoDelete: Bool
    /// What else the broker is told; see ``AMQPQueueArguments``.
    public var arguments: AMQPQueueArguments
    /// Whether somebody else makes it: it is looked for and never declared, whatever the topology's mode. One that is missing
    /// is an error.
    public let isExpected: Bool

    /// Creates a value; nothing is declared by it.
    public init(
        _ name: String,
        durable: Bool = true,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        arguments: AMQPQueueArguments = AMQPQueueArguments(),
        isExpected: Bool = false
    ) {
        self.name = name
        isServerNamed = false
        self.durable = durable
        self.exclusive = exclusive
        self.autoDelete = autoDelete
        self.arguments = arguments
        self.isExpected = isExpected
    }

    /// A queue for this connection alone, which the broker names. After a reconnect it is another, empty one with
    /// another name; bindings and consumers that call it by `alias` follow.
    public init(serverNamed alias: String, arguments: AMQPQueueArguments = AMQPQueueArguments()) {
        name = alias
        isServerNamed = true
        durable = false
        exclusive = true
        autoDelete = true
        self.arguments = arguments
        isExpected = false
    }

    /// The name to send: empty asks the broker for one.
    var wireName: String { isServerNamed ? "" : name }
}
