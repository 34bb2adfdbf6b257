extension ConfigurationSchema {
    static let amqp: [ConfigurationKey<BridgeConfiguration>] = [
        ConfigurationKey(
            "amqp_url",
            \.amqpURLs,
            .oneOrMore(.brokerURL),
            "URL of the broker, or a list of them, tried in order; amqps:// for TLS; "
                + "query parameters as RabbitMQ's and pika's (heartbeat in seconds, 60; 0 for none)."
        ),
        ConfigurationKey(
            "passive_declares",
            \.passiveDeclares,
            .bool,
            "Whether exchanges and queues are only looked for, never made."
        ),
        ConfigurationKey(
            "topic_prefix",
            \.topicPrefix,
            .text("text of at most 253 bytes") { $0.utf8.count <= 253 },
            "Put before topics published to AMQP, joined by one dot."
        ),
        ConfigurationKey(
            "publish_priority",
            \.publishPriority,
            .optional(.integer(in: 0...255)),
            "AMQP priority of published messages; none where it is not set."
        ),
        ConfigurationKey(
            "tls.ca_cert",
            \.tls.caCert,
            .file,
            "PEM file of the CA certificates that the broker's is checked by; empty for the system's."
        ),
        ConfigurationKey(
            "tls.certfile",
            \.tls.certfile,
            .file,
            "PEM file of the client certificate; with keyfile, the login is SASL EXTERNAL."
        ),
        ConfigurationKey("tls.keyfile", \.tls.keyfile, .file, "PEM file of the key of certfile."),
        ConfigurationKey(
            "client_properties",
            \.clientProperties,
            .table,
            "What the connection says of itself to the broker: app, app_url, app_contacts_email …"
        ),
        ConfigurationKey(
            "exchanges",
            \.exchanges,
            .tables(exchange, named: \.name) { BridgeConfiguration.Exchange(name: $0) },
            "Exchanges that are looked for at start, and made where missing unless passive_declares is true."
        ),
        ConfigurationKey(
            "queues",
            \.queues,
            .tables(queue, named: \.name) { BridgeConfiguration.Queue(name: $0) },
            "Queues that are declared and consumed from."
        ),
        ConfigurationKey(
            "bindings",
            \.bindings,
            binding.listType,
            "Which messages come to the queues."
        ),
        ConfigurationKey(
            "qos.prefetch_count",
            \.qos.prefetchCount,
            .integer(in: 1...65535, unit: "messages"),
            "Deliveries that may be unacknowledged at a time."
        ),
    ]

    /// `[exchanges.NAME]`.
    static let exchange: [ConfigurationKey<BridgeConfiguration.Exchange>] = [
        ConfigurationKey("type", \.type, .amqpName, "topic, fanout, direct, headers, or a plug-in's."),
        ConfigurationKey("durable", \.durable, .bool, "Whether it survives a restart of the broker."),
        ConfigurationKey("auto_delete", \.autoDelete, .bool, "Whether it goes with its last binding."),
        ConfigurationKey("arguments", \.arguments, .table, "Further arguments of the declaration."),
        ConfigurationKey("passive", \.passive, .bool, "Whether it is only looked for, never made."),
    ]

    /// `[queues.NAME]`.
    static let queue: [ConfigurationKey<BridgeConfiguration.Queue>] = [
        ConfigurationKey("durable", \.durable, .bool, "Whether it survives a restart of the broker."),
        ConfigurationKey("auto_delete", \.autoDelete, .bool, "Whether it goes with its last consumer."),
        ConfigurationKey("exclusive", \.exclusive, .bool, "Whether it belongs to one connection and goes with it."),
        ConfigurationKey("arguments", \.arguments, .table, "Further arguments of the declaration."),
        ConfigurationKey("passive", \.passive, .bool, "Whether it is only looked for, never made."),
    ]

    /// `[[bindings]]`.
    static let binding: [ConfigurationKey<BridgeConfiguration.Binding>] = [
        ConfigurationKey(
            "queue",
            \.queue,
            .optional(.amqpName),
            "The queue; without it, the one queue in force, or with none a server-named one."
        ),
        ConfigurationKey("exchange", \.exchange, .amqpName, "The exchange."),
        ConfigurationKey(
            "routing_keys",
            \.routingKeys,
            .list(of: .text("text of at most 255 bytes") { $0.utf8.count <= 255 }, "a list of patterns"),
            "Patterns of topics: * for one word, # for any number."
        ),
        ConfigurationKey(
            "arguments",
            \.arguments,
            .table,
            "What else the exchange goes by: headers of the messages, and x-match, where its type is headers."
        ),
    ]
}
