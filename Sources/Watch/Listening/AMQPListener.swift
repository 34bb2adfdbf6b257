package import AMQP
import Bridge
package import Logging
package import Settings
import Synchronization

/// Hears AMQP messages with a queue of its own, which goes with the connection; no other queue is touched.
package struct AMQPListener: Sendable {
    /// The name that bindings call the queue by; the broker gives it another.
    private static let alias = "listener"

    private let client: AMQPClient
    private let handlers: Handlers

    /// What of listening is there. A queue that not all could be bound to gets a part of the messages.
    struct Ear {
        var isBound = false
        var consumes = false
        var wasHearing = false

        /// - Returns: whether it hears from now on; nil where that is as it was.
        mutating func change(with event: AMQPClientEvent) -> Bool? {
            switch event {
            case .topologyDeclared: isBound = true
            case .topologyFailed: isBound = false
            case .consumerStarted: consumes = true
            case .consumerInterrupted, .consumerFailed: consumes = false
            case .lost: (isBound, consumes) = (false, false)
            default: break
            }
            let hears = isBound && consumes
            defer { wasHearing = hears }
            return hears == wasHearing ? nil : hears
        }
    }

    /// What it tells, on the client's event loop.
    package struct Handlers: Sendable {
        package var heard: @Sendable (Heard) -> Void
        /// Whether the broker sends all messages now.
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
        bindings: some Collection<Binding>,
        logger: Logger,
        handlers: Handlers
    ) throws(AMQPError) {
        self.handlers = handlers
        let ear = Mutex(Ear())
        let topology = AMQPTopology(
            queues: [AMQPQueue(serverNamed: Self.alias)],
            bindings: bindings.map {
                AMQPBinding(
                    from: $0.exchange,
                    to: .queue(Self.alias),
                    routingKey: $0.routingKey,
                    arguments: AMQPTable($0.arguments)
                )
            }
        )
        client = try AMQPClient(
            configuration: AMQPConfiguration(configuration),
            publishing: nil,
            consuming: topology,
            logger: logger,
            onEvent: { event in
                if let hears = ear.withLock({ $0.change(with: event) }) { handlers.listening(hears) }
            }
        )
    }

    /// Listens until the task is cancelled; comes back after losses.
    package func run() async throws(AMQPError) {
        // Nothing is to be settled: a bystander that is slow would only fill its queue.
        try await client.startConsumer(
            Self.alias,
            options: AMQPConsumerOptions(prefetch: 0, needsSettlement: false),
            handlers: AMQPConsumerHandlers(
                deliveries: { [handlers] in for delivery in $0 { handlers.heard(Heard(delivery)) } },
                cancelled: { _ in }
            )
        )
        await client.run()
    }
}

extension AMQPListener {
    /// Messages of an exchange that a routing key fits.
    package struct Binding: Hashable, Sendable {
        package var exchange: String
        package var routingKey: String
        package var arguments: [String: ConfigurationValue]

        package init(exchange: String, routingKey: String, arguments: [String: ConfigurationValue] = [:]) {
            self.exchange = exchange
            self.routingKey = routingKey
            self.arguments = arguments
        }

        /// What the bridge publishes, and what it takes, of the directions that are enabled.
        package static func all(_ configuration: BridgeConfiguration) -> [Binding] {
            var bindings: [Binding] = []
            if configuration.toAMQP.enabled {
                bindings.append(Binding(exchange: configuration.toAMQP.exchange, routingKey: "#"))
            }
            if configuration.toFedmsg.enabled {
                bindings += configuration.bindings.flatMap { binding in
                    binding.routingKeys.map {
                        Binding(exchange: binding.exchange, routingKey: $0, arguments: binding.arguments)
                    }
                }
            }
            var seen: Set<Binding> = []
            return bindings.filter { seen.insert($0).inserted }
        }
    }
}
