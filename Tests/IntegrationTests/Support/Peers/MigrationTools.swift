import Foundation

/// The first bridge itself, fedmsg-migration-tools, with the files that configure it. Its two directions are two processes.
struct MigrationTools {
    /// A running direction.
    struct Running {
        fileprivate struct Started: Decodable { let publishes: String }

        /// What it publishes of a fedmsg: `msg`, as its last revision, or `envelope`, as its release.
        let publishes: String
        private let process: ChildProcess

        fileprivate init(_ peer: PythonPeer) async throws {
            publishes = try await peer.next("started", as: Started.self).publishes
            process = peer.process
        }

        /// Stops it, as a service manager does.
        func stop() async throws {
            process.send(SIGTERM)
            _ = try await process.awaitEnd()
        }
    }

    static let queue = "first-bridge"

    /// Its own file: `[zmq_to_amqp]`.
    let configuration: URL
    /// fedora-messaging's, with the queue, the binding and `[consumer_config]`.
    let fedoraMessaging: URL
    private let fedmsg: URL

    /// Writes the files into a folder. What it publishes to must be there: it makes no exchange.
    init(in folder: URL, amqpURL: String, from endpoints: [String], to endpoint: String) throws {
        configuration = folder.appending(path: "migration-tools.toml")
        fedoraMessaging = folder.appending(path: "fedora-messaging.toml")
        fedmsg = folder.appending(path: "fedmsg.py")
        try Data(
            """
            [zmq_to_amqp]
            exchange = "\(FedmsgToAMQP.exchange)"
            topics = [""]
            zmq_endpoints = [\(endpoints.map { "\"\($0)\"" }.joined(separator: ", "))]
            """.utf8
        ).write(to: configuration)
        try Data(
            """
            amqp_url = "\(amqpURL)"

            [queues.\(Self.queue)]
            durable = true
            auto_delete = false
            exclusive = false
            arguments = {}

            [[bindings]]
            queue = "\(Self.queue)"
            exchange = "amq.topic"
            routing_keys = ["#"]

            [consumer_config]
            publish_endpoint = "\(endpoint)"
            """.utf8
        ).write(to: fedoraMessaging)
        try Data("config = {'validate_signatures': False, 'sign_messages': False}\n".utf8).write(to: fedmsg)
    }

    /// Runs `zmq_to_amqp` until it is stopped, or for the length of `body`.
    func toAMQP<Result>(_ body: (Running) async throws -> Result) async throws -> Result {
        try await run("zmq_to_amqp", body)
    }

    /// Runs `amqp_to_zmq` until it is stopped, or for the length of `body`.
    func toFedmsg<Result>(_ body: (Running) async throws -> Result) async throws -> Result {
        try await run("amqp_to_zmq", body)
    }

    private func run<Result>(_ direction: String, _ body: (Running) async throws -> Result) async throws -> Result {
        let files = [configuration, fedoraMessaging, fedmsg].map(\.path)
        return try await PythonPeer.with("migration_tools", [direction] + files, in: .firstBridge) { peer in
            try await body(try await Running(peer))
        }
    }
}
