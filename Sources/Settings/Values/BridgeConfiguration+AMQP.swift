extension BridgeConfiguration {
    /// `[tls]`: PEM files for `amqps`, each empty by default. TLS 1.2 or later; the host name is checked.
    public struct TLS: Sendable, Equatable {
        /// `ca_cert`: CA certificates that the broker's is checked by. Empty: the system's.
        public var caCert = ""
        /// `certfile`: the client certificate; with `keyfile` the login is SASL EXTERNAL. Empty: none.
        public var certfile = ""
        /// `keyfile`: the key of `certfile`. Empty: none.
        public var keyfile = ""

        /// The system's roots and no client certificate.
        public init() {}
    }

    /// `[exchanges.NAME]`: an exchange, declared passively, then made as it says where it is missing.
    public struct Exchange: Sendable, Equatable {
        /// The exchange's name: the table's.
        public var name: String
        /// `type`: `topic`, `fanout`, `direct`, `headers` or a plug-in's. Default `topic`.
        public var type = "topic"
        /// `durable`: whether it survives a restart of the broker. Default true.
        public var durable = true
        /// `auto_delete`: whether it goes with its last binding. Default false.
        public var autoDelete = false
        /// `arguments`: further arguments of the declaration. Default none.
        public var arguments: [String: ConfigurationValue] = [:]
        /// `passive`: whether it is only looked for, never made. Default false.
        public var passive = false

        /// A durable topic exchange.
        public init(name: String) { self.name = name }
    }

    /// `[queues.NAME]`: a queue, declared and consumed from.
    public struct Queue: Sendable, Equatable {
        /// The queue's name: the table's.
        public var name: String
        /// `durable`: whether it survives a restart of the broker. Default true.
        public var durable = true
        /// `auto_delete`: whether it goes with its last consumer. Default false.
        public var autoDelete = false
        /// `exclusive`: whether it belongs to one connection and goes with it. Default false.
        public var exclusive = false
        /// `arguments`: further arguments of the declaration. Default none.
        public var arguments: [String: ConfigurationValue] = [:]
        /// `passive`: whether it is only looked for, never made. Default false.
        public var passive = false

        /// A durable queue that others may use.
        public init(name: String, arguments: [String: ConfigurationValue] = [:]) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// `[[bindings]]`: an exchange's messages that come to a queue.
    public struct Binding: Sendable, Equatable {
        /// `queue`: the queue's name. Nil: a queue that the broker names, gone with the connection.
        ///
        /// A binding without `queue` belongs to the one queue in force; loading puts its name here.
        public var queue: String?
        /// `exchange`: the exchange's name.
        public var exchange: String
        /// `routing_keys`: patterns, with `*` for one word and `#` for any number.
        public var routingKeys: [String]
        /// `arguments`: what else the exchange goes by, as one of type `headers` does. Default none.
        public var arguments: [String: ConfigurationValue] = [:]

        /// A binding of `queue` to `exchange`, one for each routing key.
        public init(queue: String?, exchange: String, routingKeys: [String]) {
            self.queue = queue
            self.exchange = exchange
            self.routingKeys = routingKeys
        }
    }

    /// `[qos]`: limits of consuming.
    public struct QoS: Sendable, Equatable {
        /// `prefetch_count`: deliveries that may be unacknowledged at a time, 1 to 65535. Default 500.
        public var prefetchCount: UInt16 = 500

        /// The defaults.
        public init() {}
    }
}
