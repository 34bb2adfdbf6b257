import Foundation
import Testing

/// `fedmsg-bridge tail` beside real buses.
@Suite struct TailTests {
    private struct Envelope: Decodable { let topic: String }

    /// Runs `tail` with a configuration file, for the length of `body`.
    private static func tail(
        _ arguments: [String],
        _ settings: BridgeSettings,
        _ body: (ChildProcess) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "bridge.toml")
            try Data(settings.toml.utf8).write(to: file)
            try await BridgeProcess.run(["tail"] + arguments + ["--config", file.path], body)
        }
    }

    /// What `replay --dry-run` makes of these lines.
    private static func replayed(_ lines: [String], _ arguments: [String] = []) async throws -> [String] {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "capture")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
            return try await BridgeProcess.run(["replay", "--dry-run"] + arguments + [file.path]) { replay in
                let exit = try await replay.awaitEnd()
                #expect(exit == .code(0), "\(replay.lastWords)")
                return replay.output.lines
            }
        }
    }

    private static func envelopes(_ topics: [String]) -> [(String, String)] {
        topics.enumerated().map { index, topic in
            (topic, #"{"i": \#(index), "msg": {"n": \#(index).0}, "msg_id": "2019-\#(index)", "topic": "\#(topic)"}"#)
        }
    }

    @Test(
        "Live fedmsgs come out in each form, and replay reads them all the same",
        arguments: ["", "--pretty", "--json"]
    )
    func fedmsg(form: String) async throws {
        try await FedmsgPublisher.with { publisher in
            var settings = try BridgeSettings(amqpURL: "amqp://unused")
            settings.toAMQP(from: [publisher.endpoint])
            let arguments = ["fedmsg", "--topic", "org.*.b"] + (form.isEmpty ? [] : [form])
            try await Self.tail(arguments, settings) { tail in
                try await publisher.subscribed()
                for (topic, envelope) in Self.envelopes(["org.a.b", "org.a.c", "org.a.b.c", "org.{x.b"]) {
                    try await publisher.publish(topic: topic, envelope)
                }
                try await eventually("the last one", detail: { tail.lastWords }) {
                    tail.output.lines.contains { $0.contains(#""n": 3.0"#) }
                }
                if form == "--pretty" {
                    try await eventually("its end") { tail.output.lines.last == "}" }
                }
                let replayed = try await Self.replayed(tail.output.lines)
                let topics = try replayed.map { try JSONDecoder().decode(Envelope.self, from: Data($0.utf8)).topic }
                #expect(topics == ["org.a.b", "org.{x.b"])
                #expect(replayed.first?.contains(#""body":{"n": 0.0}"#) == (form != "--pretty"))
            }
        }
    }

    @Test(
        "Live AMQP messages come out with headers and body, and replay makes fedmsgs of them",
        arguments: ["", "--pretty"]
    )
    func amqp(form: String) async throws {
        try await VirtualHost.with { host in
            var settings = try BridgeSettings(amqpURL: host.url)
            try settings.toFedmsg()
            try await PlainAMQP.with(url: host.url) { amqp in
                let arguments = ["amqp", "--topic", "org.#", "--log-level", "info"] + (form.isEmpty ? [] : [form])
                try await Self.tail(arguments, settings) { tail in
                    try await eventually("it listens") { tail.errors.lines.contains { $0.contains("listening") } }
                    for topic in ["com.a", "org.a"] {
                        try await amqp.publish(
                            exchange: "amq.topic",
                            topic: topic,
                            body: Data(#"{"n":1.0}"#.utf8),
                            properties: ["message_id": "1-\(topic)"]
                        )
                    }
                    try await eventually("it is here", detail: { tail.lastWords }) {
                        tail.output.lines.last { form.isEmpty ? $0.contains("org.a") : $0 == "}" } != nil
                    }
                    let replayed = try await Self.replayed(tail.output.lines, ["--direction", "to-fedmsg"])
                    #expect(replayed.count == 1)
                    #expect(replayed.first?.contains(#""topic":"org.a""#) ?? false)
                    #expect(replayed.first?.contains("1-org.a") ?? false)
                }
            }
        }
    }

    @Test(
        "On a terminal it has no colour, and a message can't write over it; elsewhere its bytes stay",
        .timeLimit(.minutes(5)),
        arguments: [true, false],
        [[], ["--pretty"]]
    )
    func terminal(noColor: Bool, form: [String]) async throws {
        try await FedmsgPublisher.with { publisher in
            var settings = try BridgeSettings(amqpURL: "amqp://unused")
            settings.toAMQP(from: [publisher.endpoint])
            try await withTemporaryDirectory { folder in
                let file = folder.appending(path: "bridge.toml")
                try Data(settings.toml.utf8).write(to: file)
                let tail = [try Project.bridge.path, "tail", "fedmsg", "--config", file.path] + form
                let environment = noColor ? ["/usr/bin/env", "NO_COLOR=1"] : []
                try await Terminal.with(environment + tail, both: true) { terminal in
                    try await publisher.subscribed()
                    // DEL and a C1 control character are JSON as they are.
                    try await publisher.publish(
                        topic: "a.\u{1B}[31mb",
                        "{\"msg\": {\"text\": \"\u{7F}\u{9B}31mred\"}, \"last\": \"here\"}"
                    )
                    let text = try await terminal.text(until: "here")
                    // The first brace of a line is where `replay` begins to read.
                    #expect(text.contains(#"a.\x1b[31mb"#))
                    #expect(text.contains(#"\u007f\u009b31mred"#))
                    let controls = text.unicodeScalars.filter { $0.properties.generalCategory == .control }
                    #expect(Set(controls).isSubset(of: ["\r", "\n"]))
                    try terminal.interrupt()
                    #expect(try await terminal.ended().status == 0)
                }
            }
        }
    }

    @Test("A reader that has had enough ends it without a word")
    func closedPipe() async throws {
        try await FedmsgPublisher.with { publisher in
            var settings = try BridgeSettings(amqpURL: "amqp://unused")
            settings.toAMQP(from: [publisher.endpoint])
            try await withTemporaryDirectory { folder in
                let file = folder.appending(path: "bridge.toml")
                try Data(settings.toml.utf8).write(to: file)
                let script = #"timeout 60 "$0" tail fedmsg --config "$1" | head -n 1; exit "${PIPESTATUS[0]}""#
                let arguments = ["-c", script, try Project.bridge.path, file.path]
                // A variable that it does not know would be a warning.
                let environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("FEDMSG_BRIDGE_") }
                let bash = URL(filePath: "/bin/bash")
                try await ChildProcess.with(bash, arguments, environment: environment) { shell in
                    try await publisher.subscribed()
                    var number = 0
                    try await eventually("its end", every: .milliseconds(100)) {
                        number += 1
                        try await publisher.publish(topic: "a.b", #"{"msg": {}, "i": \#(number)}"#)
                        return shell.exit != nil
                    }
                    #expect(shell.exit == .code(0))
                    #expect(shell.errors.lines.isEmpty)
                    #expect(shell.output.lines.count == 1)
                }
            }
        }
    }

    @Test("It comes back to a publisher that was away")
    func reconnects() async throws {
        let endpoint = "tcp://127.0.0.1:\(try freePort())"
        var settings = try BridgeSettings(amqpURL: "amqp://unused")
        settings.toAMQP(from: [endpoint])
        try await Self.tail(["fedmsg", "--json"], settings) { tail in
            for number in 0..<2 {
                try await FedmsgPublisher.with(bind: endpoint) { publisher in
                    try await publisher.subscribed()
                    try await publisher.publish(topic: "a.b", #"{"msg": {}, "i": \#(number)}"#)
                    try await eventually("message \(number)") { tail.output.lines.count == number + 1 }
                }
            }
        }
    }

    @Test("An unsigned fedmsg is left out where signatures are checked, and named on standard error")
    func validated() async throws {
        try await FedmsgPublisher.with { publisher in
            let file = Project.root.appending(path: "Tests/FedmsgTests/Fixtures/pki/ca.crt")
            var settings = try BridgeSettings(amqpURL: "amqp://unused")
            settings.toAMQP(from: [publisher.endpoint])
            settings["crypto", "ca_cert_location"] = "\"\(file.path)\""
            try await Self.tail(["fedmsg", "--validate"], settings) { tail in
                try await publisher.subscribed()
                try await publisher.publish(topic: "a.b", #"{"msg": {}, "topic": "a.b"}"#)
                try await eventually("it is refused") {
                    tail.errors.lines.contains { $0.contains(#""reason":"unsigned""#) }
                }
                #expect(tail.output.lines.isEmpty)
            }
        }
    }
}
