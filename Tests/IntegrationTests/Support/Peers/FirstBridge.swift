/// A bridge that behaves as the first ones did, for one direction: of loops it knows only `username`.
enum FirstBridge {
    /// Carries what these endpoints publish to `zmq.topic`.
    static func toAMQP(url: String, from endpoints: [String], _ body: () async throws -> Void) async throws {
        try await run(["to_amqp", url] + endpoints, body)
    }

    /// Carries what comes to `amq.topic` to an endpoint that it binds.
    static func toFedmsg(url: String, at endpoint: String, _ body: () async throws -> Void) async throws {
        try await run(["to_fedmsg", url, endpoint], body)
    }

    private static func run(_ arguments: [String], _ body: () async throws -> Void) async throws {
        try await PythonPeer.with("first_bridge", arguments) { peer in
            try await peer.next("bridging")
            try await body()
        }
    }
}
