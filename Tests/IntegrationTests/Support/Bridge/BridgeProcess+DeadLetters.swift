import Foundation

extension BridgeProcess {
    /// What `spool list --json` says of a rejected message.
    struct DeadLetter: Decodable {
        let reason: String
        let topic: String
        let messageID: String?

        private enum CodingKeys: String, CodingKey {
            case reason, topic
            case messageID = "msg_id"
        }

        /// Every line has every key, with null where there is no id.
        init(from decoder: any Decoder) throws {
            let line = try decoder.container(keyedBy: CodingKeys.self)
            reason = try line.decode(String.self, forKey: .reason)
            topic = try line.decode(String.self, forKey: .topic)
            messageID = try line.decode(String?.self, forKey: .messageID)
        }
    }

    /// The rejected messages that the spool holds, oldest first.
    func deadLetters() async throws -> [DeadLetter] {
        try await Self.run(["spool", "list", "--json", "--config", configuration.path]) { list in
            guard try await list.awaitEnd() == .code(0) else { throw HarnessError("spool list: \(list.lastWords)") }
            return try list.output.lines.map { try JSONDecoder().decode(DeadLetter.self, from: Data($0.utf8)) }
        }
    }
}
