/// What leads messages from an exchange to a queue, or to another exchange.
public struct AMQPBinding: Sendable, Equatable {
    /// Where messages are led to.
    public enum Destination: Sendable, Hashable {
        /// A queue, by name or, where the broker names it, by alias.
        case queue(String)
        /// An exchange (RabbitMQ's extension).
        case exchange(String)
    }

    /// The exchange that messages come from.
    public var source: String
    /// Where they are led.
    public var destination: Destination
    /// Which of them: what it means is the exchange's matter.
    public var routingKey: String
    /// For headers exchanges.
    public var arguments: AMQPTable

    /// Creates a value; nothing is bound by it.
    public init(
        from source: String,
        to destination: Destination,
        routingKey: String = "",
        arguments: AMQPTable = [:]
    ) {
        self.source = source
        self.destination = destination
        self.routingKey = routingKey
        self.arguments = arguments
    }
}
