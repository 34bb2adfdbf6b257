import Foundation

/// A plain AMQP client, independent of the project's own, that shows what was on the wire.
struct PlainAMQP: NumberedReceiver {
    /// A field with its type on the wire; `fields` where it is a table or an array.
    struct Field: Decodable, Equatable {
        let name: String
        let type: String
        let value: String?
        let fields: [Field]?
    }

    struct Message: Decodable {
        let exchange: String
        let topic: String
        let redelivered: Bool
        let body: Data
        let properties: [Field]
        let headers: [Field]?

        func property(_ name: String) -> String? { properties.first { $0.name == name }?.value }
        func header(_ name: String) -> Field? { headers?.first { $0.name == name } }
    }

    /// What a queue holds for how many consumers.
    struct Depth: Decodable {
        let messages: Int
        let consumers: Int
    }

    private struct Command: Encodable {
        let `do`: String
        var queue: String?
        var exchange: String?
        var topic: String?
        var body: Data?
        var properties: [String: String]?
        var count: Int?
        var first: Int?
        var expect: Int?
        var arguments: Arguments?
    }

    /// Arguments of a queue.
    struct Arguments: Encodable {
        var type: String?
        var maxLength: Int?
        var overflow: String?
        var singleActiveConsumer: Bool?

        /// What the bridge makes of its own queue.
        static let bridge = Arguments(type: "quorum", singleActiveConsumer: true)

        private enum CodingKeys: String, CodingKey {
            case type = "x-queue-type"
            case maxLength = "x-max-length"
            case overflow = "x-overflow"
            case singleActiveConsumer = "x-single-active-consumer"
        }
    }

    private let peer: PythonPeer

    static func with<Result>(url: String, _ body: (PlainAMQP) async throws -> Result) async throws -> Result {
        try await PythonPeer.with("amqp_peer", [url]) { peer in
            try await peer.next("connected")
            return try await body(PlainAMQP(peer: peer))
        }
    }

    /// Declares a durable queue and, with an exchange, that one as a durable topic exchange and a binding for everything.
    func declare(queue: String, boundTo exchange: String? = nil, _ arguments: Arguments? = nil) async throws {
        try await answered("done", Command(do: "declare", queue: queue, exchange: exchange, arguments: arguments))
    }

    /// Consumes from a queue; `next` then has its messages, or, with `expecting`, `sequence` the verdict on numbered ones.
    func consume(_ queue: String, expecting: Int? = nil) async throws {
        try await answered("consuming", Command(do: "consume", queue: queue, expect: expecting))
    }

    /// Publishes with these properties, by their names, and no headers.
    func publish(exchange: String, topic: String, body: Data, properties: [String: String] = [:]) async throws {
        try await answered(
            "done",
            Command(do: "publish", exchange: exchange, topic: topic, body: body, properties: properties)
        )
    }

    /// Publishes small messages that say their number, from `first` on, without waiting for confirms.
    func publishNumbered(_ count: Int, from first: Int = 0, to exchange: String = "amq.topic") async throws {
        try await answered("done", Command(do: "publish_numbered", exchange: exchange, count: count, first: first))
    }

    /// How many messages are ready in a queue.
    func depth(_ queue: String) async throws -> Int { try await look(at: queue).messages }

    /// How many messages are ready in a queue, and who consumes it.
    func look(at queue: String) async throws -> Depth {
        try peer.send(Command(do: "depth", queue: queue))
        return try await peer.next("depth", as: Depth.self)
    }

    func numbers() async throws -> NumberedSequence {
        try peer.send(Command(do: "status"))
        return try await peer.next("sequence", as: NumberedSequence.self)
    }

    func next(within limit: Duration = .seconds(60)) async throws -> Message {
        try await peer.next("message", as: Message.self, within: limit)
    }

    func taken() throws -> [Message] {
        try peer.taken("message", as: Message.self)
    }

    /// The verdict on the numbered messages, once all are there.
    func sequence(within limit: Duration) async throws -> NumberedSequence {
        do {
            return try await peer.next("sequence", as: NumberedSequence.self, within: limit)
        } catch {
            // Not all came in time: what did come says more than that.
            return try await numbers()
        }
    }

    private func answered(_ answer: String, _ command: Command) async throws {
        try peer.send(command)
        try await peer.next(answer, within: .seconds(120))
    }
}
