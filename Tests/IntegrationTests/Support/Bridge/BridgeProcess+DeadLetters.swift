import Foundation

extension BridgeProcess {
    /// What `spool list --json` says of a rejected message.
    struct DeadLetter: Decodable {
        let reason: String
        let topic: String
    }

    /// The rejected messages that the spool holds, oldest first.
    func deadLetters() async throws -> [DeadLetter] {
        try await Self.run(["spool", "list", "--json", "--config", configuration.path]) { list in
            guard try await list.awaitEnd() == .code(0) else { throw HarnessError("spool list: \(list.lastWords)") }
            return try list.output.lines.map { try JSONDecoder().decode(DeadLetter.self, from: Data($0.utf8)) }
        }
    }
}
