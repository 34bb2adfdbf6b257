package import AMQP
import Bridge
package import Logging
package import Settings

/// Hears AMQP messages with a queue of its own, which goes with the connection; no other queue is touched.
package struct AMQPListener: Sendable {
    /// The name that bindings call the queue by; the broker gives it another.
    private static let alias = "listener"

    private let client: AMQPClient
    private let handlers: Handlers

    /// What it tells, on the client's event loop.
    package struct Handlers: Sendable {
        package var heard: @Sendable (Heard) -> Void
        /// Whether the broker sends messages now.
        package var listening: @Sendable (Bool) -> Void

        package init(heard: @escaping @Sendable (Heard) -> Void, listening: @escaping @Sendable (Bool) -> Void) {
            self.heard = heard
            self.listening = listening
        }
    }

    /// - Parameter bindings: exchanges and routing keys of the messages to hear.
    /// - Throws: `AMQPError` for a configuration that can't be used.
    package init(
        configuration: BridgeConfiguration,
        bindings: [Binding],
        logger: Logger,
        handlers: Handlers
    ) throws(AMQPError) {
        self.handlers = handlers
        let topology = AMQPTopology(
            queues: [AMQPQueue(serverNamed: Self.alias)],
            bindings: bindings.map {
                AMQPBinding(from: $0.exchange, to: .queue(Self.alias), routingKey: $0.routingKey)
            }
        )
        client = try AMQPClient(
            configuration: AMQPConfiguration(configuration),
            publishing: nil,
            consuming: topology,
            logger: logger,
            observer: { event in
                switch event {
                case .consumerStarted: handlers.listening(true)
                case .lost, .consumerInterrupted, .consumerFailed: handlers.listening(false)
                default: break
                }
            }
        )
    }

    /// Listens until the task is cancelled; comes back after losses.
    package func run() async throws {
        // Nothing is to be settled: a bystander that is slow would only fill its queue.
        try await client.startConsumer(
            Self.alias,
            options: AMQPConsumerOptions(prefetch: 0, needsSettlement: false),
            handlers: AMQPConsumerHandlers(
                deliveries: { [handlers] in for delivery in $0 { handlers.heard(Heard(delivery)) } },
                cancelled: { _ in }
            )
        )
        try await client.run()
    }
}

extension AMQPListener {
    /// Messages of an exchange that a routing key fits.
    package struct Binding: Hashable, Sendable {
        package var exchange: String
        package var routingKey: String

        package init(exchange: String, routingKey: String) {
            self.exchange = exchange
            self.routingKey = routingKey
        }

        /// What the bridge publishes, and what it takes, of the directions that are enabled.
        package static func all(_ configuration: BridgeConfiguration) -> [Binding] {
            var bindings: [Binding] = []
            if configuration.toAMQP.enabled {
                bindings.append(Binding(exchange: configuration.toAMQP.exchange, routingKey: "#"))
            }
            if configuration.toFedmsg.enabled {
                bindings += configuration.bindings.flatMap { binding in
                    binding.routingKeys.map { Binding(exchange: binding.exchange, routingKey: $0) }
                }
            }
            var seen: Set<Binding> = []
            return bindings.filter { seen.insert($0).inserted }
        }
    }
}
