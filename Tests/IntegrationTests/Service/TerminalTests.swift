import Foundation
import Testing

/// What messages have in them that a terminal would act on.
@Suite("On a terminal")
struct TerminalTests {
    private static let nasty = "a.\u{7F}\u{9B}31mred\u{202E}"
    private static let escaped = #"a.\u007f\u009b31mred\u202e"#

    /// What a command writes on a terminal, and into a pipe.
    private static func outputs(of arguments: [String]) async throws -> (terminal: String, pipe: String) {
        let command = [try Project.bridge.path] + arguments
        let ended = try await Terminal.with(command, both: true) { try await $0.ended() }
        #expect(ended.status == 0)
        let pipe = try await BridgeProcess.run(arguments) { process in
            let exit = try await process.awaitEnd()
            #expect(exit == .code(0))
            return process.output.lines.joined()
        }
        return (ended.text, pipe)
    }

    private static func expectEscapes(_ outputs: (terminal: String, pipe: String)) {
        #expect(outputs.terminal.contains(escaped))
        let controls = outputs.terminal.unicodeScalars.filter { $0.properties.generalCategory == .control }
        #expect(Set(controls).isSubset(of: ["\r", "\n"]))
        #expect(outputs.pipe.contains(nasty))
    }

    @Test("A dry replay writes control characters of a body as escapes", .timeLimit(.minutes(5)))
    func replay() async throws {
        try await withTemporaryDirectory { folder in
            let capture = folder.appending(path: "capture.jsonl")
            let message = #"{"topic":"a","msg_id":"2026-1","msg":{"text":"\#(Self.nasty)"}}"#
            try Data(message.utf8).write(to: capture)
            Self.expectEscapes(try await Self.outputs(of: ["replay", "--dry-run", capture.path]))
        }
    }

    @Test("The list of dead letters in JSON does so with topics", .timeLimit(.minutes(5)))
    func list() async throws {
        try await FedmsgPublisher.with { publisher in
            var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(freePort())")
            settings.toAMQP(from: [publisher.endpoint])
            try await BridgeProcess.with(settings, waiting: false) { bridge in
                try await publisher.subscribed()
                try await publisher.publish(topic: Self.nasty, "not json")
                try await bridge.until(#"fedmsg_bridge_dead_letters{direction="to_amqp"}"#, is: 1)
                let list = ["spool", "list", "--json", "--config", bridge.configuration.path]
                Self.expectEscapes(try await Self.outputs(of: list))
            }
        }
    }
}
