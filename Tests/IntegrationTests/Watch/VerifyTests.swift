import Foundation
import Testing

/// `fedmsg-bridge verify` beside bridges.
@Suite struct VerifyTests {
    private struct Finding: Decodable, Equatable {
        let verdict: String
        let id: String
        let topic: String
        let detail: String

        private enum CodingKeys: String, CodingKey {
            case verdict, topic, detail
            case id = "msg_id"
        }
    }

    /// Runs `verify` until it compares, and then for the length of `body`.
    private static func verify(
        _ arguments: [String],
        _ settings: BridgeSettings,
        _ body: (ChildProcess) async throws -> Void
    ) async throws {
        try await verifying(arguments, settings) { verify in
            try await logged("comparing", by: verify)
            try await body(verify)
        }
    }

    private static func logged(_ text: String, by verify: ChildProcess) async throws {
        try await eventually("'\(text)' is logged", detail: { verify.lastWords }) {
            verify.errors.lines.contains { $0.contains(text) }
        }
    }

    private static func verifying(
        _ arguments: [String],
        _ settings: BridgeSettings,
        _ body: (ChildProcess) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "bridge.toml")
            try Data(settings.toml.utf8).write(to: file)
            let command = ["verify", "--config", file.path, "--log-level", "info"] + arguments
            try await BridgeProcess.run(command, body)
        }
    }

    private static func findings(_ verify: ChildProcess) throws -> [Finding] {
        try verify.output.lines.map { try JSONDecoder().decode(Finding.self, from: Data($0.utf8)) }
    }

    private static func fedmsg(_ number: Int, _ extra: String = "") -> String {
        #"{"msg": {"n": \#(number)\#(extra)}, "msg_id": "2026-\#(number)", "topic": "a.b", "headers": {"k": \#(number)}}"#
    }

    @Test("Beside the daemon all is well in both directions")
    func well() async throws {
        let outlet = "tcp://127.0.0.1:\(try freePort())"
        try await FedmsgToAMQP.with({ try $0.toFedmsg(at: outlet) }) { scene in
            var settings = try BridgeSettings(amqpURL: scene.host.url)
            settings.toAMQP(from: [scene.publisher.endpoint])
            try settings.toFedmsg(at: outlet)
            try await withTemporaryDirectory { folder in
                let file = folder.appending(path: "fedmsgs")
                try Data((0..<100).map { Self.fedmsg($0) }.joined(separator: "\n").utf8).write(to: file)
                try await Self.verify(["--for", "25", "--window", "30"], settings) { verify in
                    // One command for many: each has to be answered while new messages are still taken in.
                    try await scene.publisher.publish(file: file)
                    try await scene.amqp.publishNumbered(99)
                    try await scene.amqp.publish(
                        exchange: "amq.topic",
                        topic: "c.d",
                        body: Data(#"{ "n" :99}"#.utf8),
                        properties: ["message_id": "native-99", "content_encoding": "utf-8"]
                    )
                    #expect(try await verify.awaitEnd() == .code(0), "\(verify.output.lines) \(verify.lastWords)")
                    #expect(verify.output.lines.isEmpty)
                    let summary = verify.errors.lines.last ?? ""
                    #expect(
                        summary.hasPrefix("200 on fedmsg, 200 on amqp, 200 on both; 0 only_fedmsg, 0 only_amqp"),
                        "\(summary)"
                    )
                }
            }
        }
    }

    @Test("Of a bridge that loses, changes and repeats each message is reported for what became of it")
    func lossy() async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "arrived", boundTo: "zmq.topic")
                try await FedmsgPublisher.with { publisher in
                    let arguments = [publisher.endpoint, host.url, "zmq.topic"]
                    try await PythonPeer.with("lossy_bridge", arguments) { peer in
                        try await peer.next("bridging")
                        try await publisher.subscribed()
                        var settings = try BridgeSettings(amqpURL: host.url)
                        settings.toAMQP(from: [publisher.endpoint])
                        try await Self.verify(["--window", "10"], settings) { verify in
                            // What was published while it began to listen is not judged.
                            try await Self.untilJudging(verify, publisher)
                            for (number, fault) in ["lose", "change", "repeat", "nothing"].enumerated() {
                                try await publisher.publish(topic: "a.b", Self.fedmsg(number, #", "do": "\#(fault)""#))
                            }
                            try await amqp.publish(
                                exchange: "zmq.topic",
                                topic: "a.b",
                                body: Data("{}".utf8),
                                properties: ["message_id": "2026-9"]
                            )
                            try await eventually("all are reported", detail: { "\(verify.output.lines)" }) {
                                try Self.findings(verify).filter { !$0.id.hasPrefix("2026-probe") }.count >= 4
                            }
                            verify.send(SIGINT)
                            #expect(try await verify.awaitEnd() == .code(2), "\(verify.lastWords)")
                            let findings = try Self.findings(verify).filter { !$0.id.hasPrefix("2026-probe") }
                            let verdicts = Set(findings.map { "\($0.id) \($0.verdict) \($0.detail)" })
                            #expect(
                                verdicts == [
                                    "2026-0 only_fedmsg not on amqp within 10 s", "2026-1 changed differs: body",
                                    "2026-2 repeated 2 times on amqp", "2026-9 only_amqp not on fedmsg within 10 s",
                                ]
                            )
                            #expect(findings.allSatisfy { $0.topic == "a.b" })
                            let depth = try await amqp.depth("arrived")
                            #expect(depth > 4, "other queues keep what they have")
                        }
                    }
                }
            }
        }
    }

    /// Publishes messages that get lost until one is reported: then both buses have been heard for long enough.
    private static func untilJudging(_ verify: ChildProcess, _ publisher: FedmsgPublisher) async throws {
        var number = 0
        try await eventually("a loss is reported", every: .milliseconds(200)) {
            number += 1
            let envelope = #"{"msg": {"do": "lose"}, "msg_id": "2026-probe\#(number)"}"#
            try await publisher.publish(topic: "a.b", envelope)
            return !verify.output.lines.isEmpty
        }
    }

    @Test("What may not be listened to is not taken for heard", .timeLimit(.minutes(2)))
    func forbidden() async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "arrived", boundTo: "zmq.topic")
                try await BrokerUser.with(on: host) { user in
                    try await user.permit(write: ".*", read: "amq[.]gen-.*")
                    try await FedmsgPublisher.with { publisher in
                        var settings = try BridgeSettings(amqpURL: user.url)
                        settings.toAMQP(from: [publisher.endpoint])
                        try await Self.verifying([], settings) { verify in
                            try await publisher.subscribed()
                            try await Self.logged("topology failed", by: verify)
                            #expect(!verify.errors.lines.contains { $0.contains("comparing") })
                            try await user.permit(write: ".*")
                            try await Self.logged("comparing", by: verify)
                        }
                    }
                }
            }
        }
    }

    @Test("A place that nobody else can hear is a mistake of the configuration, until --listen names another")
    func unheard() async throws {
        var settings = try BridgeSettings(amqpURL: "amqp://unused")
        settings.toAMQP(from: ["tcp://127.0.0.1:\(try freePort())"], bind: true)
        try await withTemporaryDirectory { folder in
            let file = folder.appending(path: "bridge.toml")
            try Data(settings.toml.utf8).write(to: file)
            try await BridgeProcess.run(["verify", "--config", file.path]) { verify in
                let exit = try await verify.awaitEnd()
                #expect(exit == .code(78))
                #expect(verify.lastWords.contains("--listen"))
            }
        }
    }
}
