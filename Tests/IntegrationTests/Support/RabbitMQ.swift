import Foundation

/// A real RabbitMQ on loopback, in a folder and on ports of its own.
///
/// One is shared by all tests of a run, each in a virtual host of its own; a test that stops or breaks a broker starts one
/// for itself.
final class RabbitMQ: Sendable {
    /// What `scripts/rabbitmq start` prints.
    struct State: Decodable {
        let amqpURL: String
        let amqpPort: Int
        let amqpsPort: Int?

        private enum CodingKeys: String, CodingKey {
            case amqpURL = "amqp_url"
            case amqpPort = "amqp_port"
            case amqpsPort = "amqps_port"
        }
    }

    let state: State
    private let folder: URL

    /// The broker of this run: that of `make test`, which has started it before, or one that ends with this process.
    static let shared = Task {
        if let folder = ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_TEST_RABBITMQ"] {
            return try await RabbitMQ(in: URL(filePath: folder), options: [])
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "fedmsg-bridge-\(UUID().uuidString)")
        return try await RabbitMQ(in: folder, options: ["--temporary"])
    }

    /// A broker for one test, which may stop and break it.
    ///
    /// - Parameter options: more options of `scripts/rabbitmq start`.
    static func withOwn<Result>(
        _ options: [String] = [],
        _ body: (RabbitMQ) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { folder in
            let broker = try await RabbitMQ(in: folder.appending(path: "rabbitmq"), options: options)
            do {
                let result = try await body(broker)
                try await broker.kill()
                return result
            } catch {
                try await broker.kill()
                throw error
            }
        }
    }

    private init(in folder: URL, options: [String]) async throws {
        self.folder = folder
        let output = try await Self.run(
            ["start", folder.path, "--owner", String(ProcessInfo.processInfo.processIdentifier)] + options
        )
        state = try JSONDecoder().decode(State.self, from: Data(output.utf8))
    }

    /// Starts it again, with the data and on the ports that it had.
    func start() async throws {
        try await Self.run(["start", folder.path, "--owner", String(ProcessInfo.processInfo.processIdentifier)])
    }

    /// Stops it in order.
    func stop() async throws {
        try await Self.run(["stop", folder.path])
    }

    /// Ends it at once, as a power cut would.
    func kill() async throws {
        try await Self.run(["kill", folder.path])
    }

    /// Has it forget, while it is stopped, that it ever started the replicas of its quorum queues. RabbitMQ 3.10 and 4.0 do
    /// so when they are killed right after a queue was made: they start them anew then, and let them elect no leader.
    /// Such a queue is there, and whoever consumes from it gets no answer.
    func forgetReplicas() throws {
        let files = FileManager.default.enumerator(at: folder.appending(path: "data"), includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            if file.lastPathComponent == "names.dets" { try FileManager.default.removeItem(at: file) }
        }
    }

    /// Has replicas elect a leader that have none. What is listed of each begins with its name and its role, and goes on
    /// from RabbitMQ 4.0 on.
    func electLeaders() async throws {
        try await eval(
            """
            [ra:trigger_election({element(1, Replica), node()}) \
            || Replica <- ets:tab2list(ra_state), element(2, Replica) =:= follower].
            """
        )
    }

    /// Runs `rabbitmqctl`, which takes a second or two.
    @discardableResult
    func ctl(_ arguments: String...) async throws -> String { try await ctl(arguments) }

    /// As above.
    @discardableResult
    func ctl(_ arguments: [String]) async throws -> String {
        try await Self.run(["ctl", folder.path] + arguments)
    }

    /// Evaluates Erlang on the node and returns what that returned, as text.
    @discardableResult
    func eval(_ code: String) async throws -> String {
        try await Self.run(["eval", folder.path, code])
    }

    @discardableResult
    private static func run(_ arguments: [String]) async throws -> String {
        try await ChildProcess.with(Project.rabbitMQ, arguments) { script in
            guard try await script.awaitEnd(within: .seconds(180)) == .code(0) else {
                throw HarnessError("rabbitmq \(arguments.joined(separator: " ")): \(script.lastWords)")
            }
            return script.output.lines.joined(separator: "\n")
        }
    }
}
