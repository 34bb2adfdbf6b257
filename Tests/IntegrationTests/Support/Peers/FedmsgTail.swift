/// A real fedmsg consumer, in `fedmsg.tail_messages`.
struct FedmsgTail {
    /// What fedmsg yields for a message.
    struct Message: Decodable {
        /// The keys of the envelope that the tests look at.
        struct Envelope: Decodable {
            let i: Int
            let msgID: String
            let timestamp: Int
            let topic: String
            let username: String

            private enum CodingKeys: String, CodingKey {
                case i, timestamp, topic, username
                case msgID = "msg_id"
            }
        }

        let topic: String
        let envelope: Envelope
        /// One text for equal bodies, whatever their bytes.
        let canonical: String
    }

    private let peer: PythonPeer

    static func with<Result>(_ endpoints: [String], _ body: (FedmsgTail) async throws -> Result) async throws -> Result
    {
        try await PythonPeer.with("fedmsg_tail", endpoints, in: .fedmsg) { peer in
            try await peer.next("tailing")
            return try await body(FedmsgTail(peer: peer))
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
}
