/// A bridge that carries one publisher's fedmsgs to a virtual host, and a client that reads them there.
struct FedmsgToAMQP {
    let host: VirtualHost
    let publisher: FedmsgPublisher
    let bridge: BridgeProcess
    let amqp: PlainAMQP

    /// A queue that gets all that is published to the bridge's exchange.
    static let queue = "arrived"
    static let exchange = "zmq.topic"

    /// Sets all of it up, connected and subscribed, for the length of `body`.
    ///
    /// - Parameter endpoint: bind there and let the publisher connect, as to a relay; else it is the other way round.
    static func with<Result>(
        binding endpoint: String? = nil,
        _ configure: (inout BridgeSettings) throws -> Void = { _ in },
        _ body: (FedmsgToAMQP) async throws -> Result
    ) async throws -> Result {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: queue, boundTo: exchange)
                return try await FedmsgPublisher.with(connect: endpoint) { publisher in
                    var settings = try BridgeSettings(amqpURL: host.url)
                    settings.toAMQP(from: [publisher.endpoint], bind: endpoint != nil)
                    try configure(&settings)
                    return try await BridgeProcess.with(settings) { bridge in
                        try await publisher.subscribed()
                        let scene = FedmsgToAMQP(host: host, publisher: publisher, bridge: bridge, amqp: amqp)
                        return try await body(scene)
                    }
                }
            }
        }
    }
}
