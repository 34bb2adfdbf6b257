import Foundation

/// A real fedora-messaging publisher: `fedora_messaging.api.publish`, which waits for each confirm.
struct FedoraPublisher {
    /// A message as the library published it.
    struct Message: Decodable {
        let id: String
        let topic: String
        let sentAt: String
        let body: Data

        private enum CodingKeys: String, CodingKey {
            case id, topic, body
            case sentAt = "sent_at"
        }
    }

    private struct Command: Encodable {
        let `do`: String
        var count: Int?
        var topic: String?
        var body: [String: String]?
    }

    private let peer: PythonPeer

    static func with<Result>(url: String, _ body: (FedoraPublisher) async throws -> Result) async throws -> Result {
        try await PythonPeer.with("fedora_publisher", [url]) { peer in
            try await peer.next("started")
            return try await body(FedoraPublisher(peer: peer))
        }
    }

    /// Publishes one message to `amq.topic`.
    @discardableResult
    func publish(topic: String, body: [String: String]) async throws -> Message {
        try peer.send(Command(do: "publish", topic: topic, body: body))
        try await peer.next("published")
        return try await peer.next("message", as: Message.self)
    }

    /// Publishes messages with bodies of every kind that JSON has.
    func publishGenerated(_ count: Int) async throws -> [Message] {
        try peer.send(Command(do: "publish_generated", count: count))
        try await peer.next("published", within: .seconds(120))
        return try peer.taken("message", as: Message.self)
    }
}
