import Foundation

/// A bridge that carries what is published to `amq.topic` of a virtual host to a PUB socket, and a client to publish there.
struct AMQPToFedmsg {
    let host: VirtualHost
    let bridge: BridgeProcess
    let amqp: PlainAMQP
    /// The bridge's endpoint.
    let endpoint: String

    /// Sets all of it up for the length of `body`; whoever subscribes there waits for its `probe`.
    static func with<Result>(
        _ configure: (inout BridgeSettings) throws -> Void = { _ in },
        _ body: (AMQPToFedmsg) async throws -> Result
    ) async throws -> Result {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                var settings = try BridgeSettings(amqpURL: host.url)
                let endpoint = try settings.toFedmsg()
                try configure(&settings)
                return try await BridgeProcess.with(settings) { bridge in
                    try await body(AMQPToFedmsg(host: host, bridge: bridge, amqp: amqp, endpoint: endpoint))
                }
            }
        }
    }

    /// Publishes probes until `seen` says that one has arrived.
    ///
    /// A PUB socket drops what it sends before a subscription has reached it, and nothing tells a test when it has.
    func probe(until seen: () async throws -> Bool) async throws {
        try await Self.probe(through: amqp, until: seen)
    }

    static let probeTopic = "org.fedoraproject.test.probe"

    static func probe(through amqp: PlainAMQP, until seen: () async throws -> Bool) async throws {
        var count = 0
        try await eventually("a probe arrives", every: .milliseconds(200)) {
            count += 1
            try await amqp.publish(
                exchange: "amq.topic",
                topic: probeTopic,
                body: Data("{}".utf8),
                properties: ["message_id": .init("\(UUID())"), "content_encoding": "utf-8"]
            )
            return try await seen()
        }
    }
}
