package import AMQP
package import Settings

extension AMQPExchange {
    package init(_ exchange: BridgeConfiguration.Exchange) {
        self.init(
            exchange.name,
            kind: Kind(name: exchange.type),
            durable: exchange.durable,
            autoDelete: exchange.autoDelete,
            arguments: AMQPTable(exchange.arguments)
        )
    }
}

extension AMQPExchange.Kind {
    init(name: String) {
        switch name {
        case "direct": self = .direct
        case "fanout": self = .fanout
        case "topic": self = .topic
        case "headers": self = .headers
        default: self = .other(name)
        }
    }
}

extension AMQPQueue {
    init(_ queue: BridgeConfiguration.Queue) {
        self.init(
            queue.name,
            durable: queue.durable,
            exclusive: queue.exclusive,
            autoDelete: queue.autoDelete,
            arguments: AMQPQueueArguments(AMQPTable(queue.arguments))
        )
    }
}

extension AMQPTable {
    /// Arguments in the order of their names: TOML tables have none of their own.
    init(_ values: [String: ConfigurationValue]) {
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
