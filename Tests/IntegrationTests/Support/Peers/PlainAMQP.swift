import Foundation

/// A plain AMQP client, independent of the project's own, that shows what was on the wire.
struct PlainAMQP {
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

    private struct Depth: Decodable { let messages: Int }
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
    }

    private let peer: PythonPeer

    static func with<Result>(url: String, _ body: (PlainAMQP) async throws -> Result) async throws -> Result {
        try await PythonPeer.with("amqp_peer", [url]) { peer in
            try await peer.next("connected")
            return try await body(PlainAMQP(peer: peer))
        }
    }

    /// Declares a durable queue and, with an exchange, that one as a durable topic exchange and a binding for everything.
    func declare(queue: String, boundTo exchange: String? = nil) async throws {
        try await answered("done", Command(do: "declare", queue: queue, exchange: exchange))
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
    func depth(_ queue: String) async throws -> Int {
        try peer.send(Command(do: "depth", queue: queue))
        return try await peer.next("depth", as: Depth.self).messages
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
            try peer.send(Command(do: "status"))
            return try await peer.next("sequence", as: NumberedSequence.self)
        }
    }

    private func answered(_ answer: String, _ command: Command) async throws {
        try peer.send(command)
        try await peer.next(answer, within: .seconds(120))
    }
}
