import Foundation
import Testing

/// What docs/switching.md says, done with the first bridge itself.
@Suite("Switching from the first bridge")
struct SwitchingTests {
    private struct Envelope: Decodable {
        let messageID: String
        let username: String?

        private enum CodingKeys: String, CodingKey {
            case username
            case messageID = "msg_id"
        }
    }

    /// A copy of a fedmsg on AMQP: whose it is, and the id that a consumer knows it by.
    private struct Copy: Equatable {
        let isOurs: Bool
        let id: String?
    }

    @Test("AMQP to fedmsg: the queue keeps what comes meanwhile, and nothing comes twice", .timeLimit(.minutes(4)))
    func toFedmsg() async throws {
        try await withFirstBridge { tools, amqp, url in
            let outlet = "tcp://127.0.0.1:\(try freePort())"
            let tools = try tools("tcp://127.0.0.1:\(try freePort())", outlet)
            try await FrameSubscriber.with(connect: outlet) { subscriber in
                try await FedoraPublisher.with(url: url) { publisher in
                    try await tools.toFedmsg { first in
                        try await arrives(through: amqp, at: subscriber)
                        let message = try await publisher.publish(topic: "org.fedoraproject.test", body: ["n": "1"])
                        #expect(try await next(subscriber).messageID.hasSuffix("-" + message.id))
                        try await first.stop()
                    }

                    let waiting = try await publisher.publishGenerated(50)
                    let depth = try await amqp.depth(MigrationTools.queue)
                    #expect(depth == waiting.count)
                    let ours = try ours(beside: tools, url)
                    try await BridgeProcess.with(ours.settings, and: ours.oneDirection) { bridge in
                        _ = try await bridge.logged("to_amqp=false")
                        for message in waiting {
                            let envelope = try await next(subscriber)
                            #expect(envelope.messageID.hasSuffix("-" + message.id))
                            #expect(envelope.username == "amqp-bridge")
                        }
                        #expect(try await bridge.terminate() == .code(0))
                    }
                    let left = try await amqp.depth(MigrationTools.queue)
                    #expect(left == 0)
                    #expect(try subscriber.taken().isEmpty)

                    try await tools.toFedmsg { _ in
                        try await arrives(through: amqp, at: subscriber)
                        let message = try await publisher.publish(topic: "org.fedoraproject.test", body: ["n": "2"])
                        #expect(try await next(subscriber).messageID.hasSuffix("-" + message.id))
                    }
                }
            }
        }
    }

    @Test("fedmsg to AMQP: both beside each other, then ours alone, and back", .timeLimit(.minutes(4)))
    func toAMQP() async throws {
        try await withFirstBridge { tools, amqp, url in
            try await FedmsgPublisher.with { publisher in
                let tools = try tools(publisher.endpoint, "tcp://127.0.0.1:\(freePort())")
                let ours = try ours(beside: tools, url)
                try await tools.toAMQP { first in
                    try await publisher.subscribed()
                    try await BridgeProcess.with(ours.settings, and: ours.oneDirection) { bridge in
                        let carried = try await carried(1, publisher, amqp, first)
                        #expect(carried == [Copy(isOurs: false, id: "2026-1")])
                        #expect(try await bridge.terminate() == .code(0))
                    }
                    #expect(try await carried(2, publisher, amqp, first) == [Copy(isOurs: false, id: "2026-2")])
                    let native = try await FedoraPublisher.with(url: url) { try await $0.publishGenerated(1) }

                    try await BridgeProcess.with(ours.settings, and: ours.bothDirections) { bridge in
                        try await publisher.subscribed()
                        let endpoints = try await bridge.metric("fedmsg_bridge_zmq_endpoints")
                        #expect(endpoints == 1)
                        try await bridge.until("fedmsg_bridge_zmq_connected_endpoints", is: 1)
                        let sent = #"fedmsg_bridge_forwarded_total{direction="to_fedmsg"}"#
                        try await bridge.until(sent, is: Double(native.count))
                        let both = try await carried(3, publisher, amqp, first, copies: 2)
                        #expect(both.count { $0.isOurs } == 1)
                        #expect(both.allSatisfy { $0.id == "2026-3" }, "\(both)")

                        try await first.stop()
                        try await publisher.unsubscribed()
                        #expect(try await carried(4, publisher, amqp, first) == [Copy(isOurs: true, id: "2026-4")])

                        try await tools.toAMQP { again in
                            try await publisher.subscribed()
                            #expect(try await bridge.terminate() == .code(0))
                            try await publisher.unsubscribed()
                            try await BridgeProcess.with(ours.settings, and: ours.oneDirection) { _ in
                                let back = try await carried(5, publisher, amqp, again)
                                #expect(back == [Copy(isOurs: false, id: "2026-5")])
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("verify beside it compares by id, which its release on PyPI does not keep", .timeLimit(.minutes(3)))
    func verified() async throws {
        try await withFirstBridge { tools, amqp, url in
            try await FedmsgPublisher.with { publisher in
                let tools = try tools(publisher.endpoint, "tcp://127.0.0.1:\(freePort())")
                try await tools.toAMQP { first in
                    try await publisher.subscribed()
                    var settings = try BridgeSettings(amqpURL: url)
                    settings.toAMQP(from: [publisher.endpoint])
                    let file = tools.configuration.deletingLastPathComponent().appending(path: "bridge.toml")
                    try Data(settings.toml.utf8).write(to: file)
                    let line = try Page("docs/switching.md").blocks(of: "sh").joined()
                        .split(separator: "\n").first { $0.hasPrefix("fedmsg-bridge verify") }
                    let command = try #require(line).split(separator: " ").dropFirst().map { word in
                        ["/etc/fedmsg-bridge/bridge.d": file.path, "3600": "4"][word] ?? String(word)
                    }
                    try await BridgeProcess.run(command + ["--window", "3"]) { verify in
                        try await publisher.publishNumbered(perSecond: 25) {
                            let exit = try await verify.awaitEnd(within: .seconds(60))
                            #expect(exit == .code(first.publishes == "msg" ? 0 : 2), "\(verify.lastWords)")
                        }
                        #expect(verify.output.lines.allSatisfy { $0.contains(#""only_"#) })
                        #expect(verify.output.lines.isEmpty == (first.publishes == "msg"), "\(verify.lastWords)")
                    }
                }
            }
        }
    }

    /// Ours beside the first one: its settings, and the other files as the page has them, at first and in the end.
    private func ours(
        beside tools: MigrationTools,
        _ url: String
    ) throws -> (settings: BridgeSettings, oneDirection: [URL], bothDirections: [URL]) {
        var settings = try BridgeSettings(amqpURL: url)
        settings["to_amqp", "enabled"] = "true"
        settings["to_fedmsg", "enabled"] = "true"
        let alone = try #require(try Page("docs/switching.md").blocks(of: "toml").first)
        let step = tools.configuration.deletingLastPathComponent().appending(path: "step.toml")
        try Data(alone.utf8).write(to: step)
        let files = [tools.configuration, tools.fedoraMessaging]
        return (settings, files + [step], files)
    }

    /// A virtual host with the exchange and a queue for what arrives there, and files for the first bridge by its endpoints.
    private func withFirstBridge(
        _ body: (_ tools: (String, String) throws -> MigrationTools, PlainAMQP, _ url: String) async throws -> Void
    ) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                try await amqp.consume(FedmsgToAMQP.queue)
                try await withTemporaryDirectory { folder in
                    try await body(
                        { try MigrationTools(in: folder, amqpURL: host.url, from: [$0], to: $1) },
                        amqp,
                        host.url
                    )
                }
            }
        }
    }

    /// Publishes a fedmsg and takes what comes of it on AMQP; the copies are all, since nothing else came before.
    private func carried(
        _ number: Int,
        _ publisher: FedmsgPublisher,
        _ amqp: PlainAMQP,
        _ first: MigrationTools.Running,
        copies: Int = 1
    ) async throws -> [Copy] {
        #expect(try amqp.taken().isEmpty)
        let topic = "org.fedoraproject.test"
        try await publisher.publish(
            topic: topic,
            #"{"topic":"\#(topic)","msg":{"n":\#(number)},"msg_id":"2026-\#(number)","username":"ralph"}"#
        )
        var found: [Copy] = []
        while found.count < copies {
            let message = try await amqp.next()
            let isOurs = message.header("x-fedmsg-bridge") != nil
            // Its release has the fedmsg's id in the body alone.
            let isInside = !isOurs && first.publishes == "envelope"
            let id =
                isInside
                ? try JSONDecoder().decode(Envelope.self, from: message.body).messageID
                : message.property("message_id")
            found.append(Copy(isOurs: isOurs, id: id))
        }
        return found
    }

    private func arrives(through amqp: PlainAMQP, at subscriber: FrameSubscriber) async throws {
        try await AMQPToFedmsg.probe(through: amqp) { try !subscriber.taken().isEmpty }
    }

    private func next(_ subscriber: FrameSubscriber) async throws -> Envelope {
        let frames = try await subscriber.next(past: AMQPToFedmsg.probeTopic)
        return try JSONDecoder().decode(Envelope.self, from: try #require(frames.last))
    }
}
