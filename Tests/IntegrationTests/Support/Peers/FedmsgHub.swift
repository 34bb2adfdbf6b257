import Foundation

/// A real `fedmsg-hub` that checks signatures, with a consumer that tells what it is given.
struct FedmsgHub {
    /// What the consumer is given.
    struct Message: Decodable {
        let topic: String
        let id: String
    }

    private struct Refusal: Decodable { let text: String }

    private let peer: PythonPeer

    /// - Parameter pki: a folder as `pki.py` makes it, whose `ca.crt` and `crl.pem` the hub trusts.
    static func with<Result>(
        _ endpoint: String,
        trusting pki: URL,
        _ body: (FedmsgHub) async throws -> Result
    ) async throws -> Result {
        try await PythonPeer.with("fedmsg_hub", [endpoint, pki.path], in: .fedmsg) { peer in
            try await body(FedmsgHub(peer: peer))
        }
    }

    func next(within limit: Duration = .seconds(60)) async throws -> Message {
        try await peer.next("message", as: Message.self, within: limit)
    }

    /// The next message of another topic than `probe`.
    func next(past probe: String) async throws -> Message {
        while true {
            let message = try await next()
            if message.topic != probe { return message }
        }
    }

    func taken() throws -> [Message] {
        try peer.taken("message", as: Message.self)
    }

    /// The hub's words for messages that it kept from the consumer.
    func refused() throws -> [String] {
        try peer.taken("refused", as: Refusal.self).map(\.text)
    }
}
