/// A real fedora-messaging consumer, with a queue of its own bound to an exchange.
struct FedoraConsumer {
    /// The library's `Message`.
    struct Message: Decodable {
        let id: String
        let topic: String
        let severity: Int
        let headers: Headers
        /// One text for equal bodies, whatever their bytes.
        let canonical: String
    }

    struct Headers: Decodable {
        let sentAt: String

        private enum CodingKeys: String, CodingKey {
            case sentAt = "sent-at"
        }
    }

    private struct Log: Decodable {
        let level: String
        let text: String
    }

    private let peer: PythonPeer

    static func with<Result>(
        url: String,
        exchange: String,
        _ body: (FedoraConsumer) async throws -> Result
    ) async throws -> Result {
        try await PythonPeer.with("fedora_consumer", [url, exchange]) { peer in
            try await peer.next("consuming")
            return try await body(FedoraConsumer(peer: peer))
        }
    }

    func next(within limit: Duration = .seconds(60)) async throws -> Message {
        try await peer.next("message", as: Message.self, within: limit)
    }

    /// What the library logged since, warnings and worse.
    func warnings() throws -> [String] {
        try peer.taken("log", as: Log.self).map { "\($0.level): \($0.text)" }
    }
}
