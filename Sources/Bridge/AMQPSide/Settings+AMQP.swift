package import AMQP
package import Settings

extension AMQPExchange {
    package init(_ exchange: BridgeConfiguration.Exchange) {
        self.init(
            exchange.name,
            kind: Kind(name: exchange.type),
            durable: exchange.durable,
            autoDelete: exchange.autoDelete,
            arguments: AMQPTable(exchange.arguments),
            isExpected: exchange.passive
        )
    }
}

extension AMQPQueue {
    init(_ queue: BridgeConfiguration.Queue) {
        self.init(
            queue.name,
            durable: queue.durable,
            exclusive: queue.exclusive,
            autoDelete: queue.autoDelete,
            arguments: AMQPQueueArguments(AMQPTable(queue.arguments)),
            isExpected: queue.passive
        )
    }
}

extension AMQPTopology {
    /// What has to be there to publish: the exchanges of the configuration, and that to publish to, whoever made it.
    init(publishing configuration: BridgeConfiguration) {
        let target = configuration.toAMQP.exchange
        let isForeign = !target.isEmpty && !configuration.exchanges.contains { $0.name == target }
        self.init(exchanges: configuration.exchanges.map(AMQPExchange.init), mode: Mode(configuration))
        if isForeign { exchanges.append(AMQPExchange(target, isExpected: true)) }
    }

    /// What has to be there to consume: the queues, the exchanges that they are bound to, and the bindings.
    init(consuming configuration: BridgeConfiguration) {
        let sources = Set(configuration.bindings.map(\.exchange))
        let queues = configuration.queues.map(AMQPQueue.init)
        self.init(
            exchanges: configuration.exchanges.filter { sources.contains($0.name) }.map(AMQPExchange.init),
            queues: queues.isEmpty ? configuration.queueNames.map { AMQPQueue(serverNamed: $0) } : queues,
            bindings: configuration.bindings.flatMap { binding in
                (binding.queue.map { [$0] } ?? configuration.queueNames).flatMap { queue in
                    binding.routingKeys.map { key in
                        AMQPBinding(
                            from: binding.exchange,
                            to: .queue(queue),
                            routingKey: key,
                            arguments: AMQPTable(binding.arguments)
                        )
                    }
                }
            },
            mode: Mode(configuration)
        )
    }
}

extension AMQPTopology.Mode {
    fileprivate init(_ configuration: BridgeConfiguration) {
        self = configuration.passiveDeclares ? .passiveOnly : .passiveFirst
    }
}

extension BridgeConfiguration {
    /// What to consume from; where no queue is configured, the alias of one that the broker names.
    var queueNames: [String] { queues.isEmpty ? ["server-named"] : queues.map(\.name) }
}

extension AMQPTable {
    /// Arguments in the order of their names: TOML tables have none of their own.
    package init(_ values: [String: ConfigurationValue]) {
        self.init(values.sorted { $0.key < $1.key }.map { Entry($0.key, AMQPFieldValue($0.value)) })
    }
}

extension AMQPFieldValue {
    /// As pika encodes what TOML gives: integers in 32 bits where they fit.
    init(_ value: ConfigurationValue) {
        switch value {
        case .string(let text): self = .longString(text)
        case .int(let number): self = Int32(exactly: number).map(AMQPFieldValue.int32) ?? .int64(Int64(number))
        case .double(let number): self = .double(number)
        case .bool(let bool): self = .boolean(bool)
        case .array(let values): self = .array(values.map(AMQPFieldValue.init))
        case .table(let values): self = .table(AMQPTable(values))
        }
    }
}

extension AMQPConfiguration {
    /// The broker as the configuration describes it.
    ///
    /// - Throws: `AMQPError` with `invalidURI` or `invalidConfiguration`.
    package init(_ configuration: BridgeConfiguration) throws(AMQPError) {
        try self.init(uris: configuration.amqpURLs)
        // As pika has it, so that fedora-messaging's files are taken as they are.
        for index in endpoints.indices where endpoints[index].virtualHost.isEmpty { endpoints[index].virtualHost = "/" }
        // Beside RabbitMQ this saves a third of the processor's time towards fedmsg, and a tenth towards AMQP.
        readInterval = .milliseconds(1)
        clientProperties = AMQPTable(configuration.clientProperties)
        let tls = configuration.tls
        for index in endpoints.indices where endpoints[index].tls != nil {
            if !tls.caCert.isEmpty { endpoints[index].tls?.trustRoots = .file(tls.caCert) }
            guard !tls.certfile.isEmpty, !tls.keyfile.isEmpty else { continue }
            endpoints[index].tls?.certificateFile = tls.certfile
            endpoints[index].tls?.keyFile = tls.keyfile
            endpoints[index].credentials = .external
        }
    }
}
