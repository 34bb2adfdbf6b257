import Foundation
import Testing

/// The ways in which a bridge and a bus meet.
@Suite("Endpoints")
struct EndpointTests {
    private static func envelope(_ number: Int) -> String { #"{"msg":{"from":\#(number)},"topic":"org.x"}"# }
    private static func body(_ number: Int) -> Data { Data(#"{"from":\#(number)}"#.utf8) }

    @Test("Publishers connect to a bridge that binds, as they do to a relay", .timeLimit(.minutes(2)))
    func bind() async throws {
        let endpoint = "tcp://127.0.0.1:\(try freePort())"
        try await FedmsgToAMQP.with(binding: endpoint) { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            try await FedmsgPublisher.with(connect: endpoint) { second in
                try await second.subscribed()
                try await scene.publisher.publish(topic: "org.x", Self.envelope(1))
                #expect(try await scene.amqp.next().body == Self.body(1))
                try await second.publish(topic: "org.x", Self.envelope(2))
                #expect(try await scene.amqp.next().body == Self.body(2))
            }
        }
    }

    @Test("A bridge connects to a relay that binds", .timeLimit(.minutes(2)))
    func remotePublish() async throws {
        try await FrameSubscriber.with { relay in
            try await AMQPToFedmsg.with {
                try $0.toFedmsg(at: relay.endpoint, remotePublish: true)
            } _: { scene in
                try await relay.connected()
                try await scene.probe { try !relay.taken().isEmpty }
                try await FedoraPublisher.with(url: scene.host.url) { publisher in
                    let message = try await publisher.publish(topic: "org.x", body: ["a": "b"])
                    let frames = try await relay.next(past: AMQPToFedmsg.probeTopic)
                    #expect(frames.first == Data("org.x".utf8))
                    #expect(String(decoding: frames[1], as: UTF8.self).contains(message.id))
                }
            }
        }
    }

    @Test("Through a real fedmsg-relay, both ways", .timeLimit(.minutes(2)))
    func relay() async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "arrived", boundTo: FedmsgToAMQP.exchange)
                try await FedmsgRelay.with { relay in
                    var settings = try BridgeSettings(amqpURL: host.url)
                    settings.toAMQP(from: [relay.outbound])
                    try settings.toFedmsg(at: relay.inbound, remotePublish: true)
                    try await BridgeProcess.with(settings) { _ in
                        try await FedmsgPublisher.with(connect: relay.inbound) { publisher in
                            try await publisher.subscribed()
                            try await eventually("a fedmsg arrives", every: .milliseconds(200)) {
                                try await publisher.publish(topic: "org.x", Self.envelope(1))
                                return try await amqp.depth("arrived") > 0
                            }
                        }
                        try await FrameSubscriber.with(connect: relay.outbound) { subscriber in
                            try await AMQPToFedmsg.probe(through: amqp) {
                                try subscriber.taken().contains { $0.first == Data(AMQPToFedmsg.probeTopic.utf8) }
                            }
                        }
                    }
                }
            }
        }
    }

    @Test(
        "An address that another program has is asked for again until it is free",
        .timeLimit(.minutes(2)),
        arguments: [true, false]
    )
    func addressInUse(toAMQP: Bool) async throws {
        let other = try SilentListener()
        let endpoint = "tcp://127.0.0.1:\(other.port)"
        try await VirtualHost.with { host in
            var settings = try BridgeSettings(amqpURL: host.url)
            if toAMQP { settings.toAMQP(from: [endpoint], bind: true) } else { try settings.toFedmsg(at: endpoint) }
            try await BridgeProcess.with(settings, waiting: false) { bridge in
                try await bridge.untilNotReady(because: "address_in_use")
                #expect(try await bridge.get("/ready")?.status == 503)
                // To AMQP it is the only endpoint that there is.
                let codes: Set = toAMQP ? ["address_in_use", "not_connected"] : ["address_in_use"]
                try await eventually("nothing else is wrong") {
                    try await bridge.readiness().map { Set($0.reasons.map(\.code)) == codes } ?? false
                }
                try await bridge.expectAgreement(status: "critical", codes: codes)
                other.end()
                try await bridge.untilReady()
                #expect(try await bridge.metric(#"fedmsg_bridge_not_ready{reason="address_in_use"}"#) == 0)
            }
        }
    }

    @Test(
        "One of two that is away for ten minutes is warned of until it comes back",
        .enabled(if: TestRun.isFull, "it takes the ten minutes"),
        .timeLimit(.minutes(20))
    )
    func endpointAway() async throws {
        let away = "tcp://127.0.0.1:\(try freePort())"
        try await FedmsgToAMQP.with {
            let there = $0["to_amqp", "zmq_endpoints"] ?? "[]"
            $0["to_amqp", "zmq_endpoints"] = there.dropLast() + #", "\#(away)"]"#
        } _: { scene in
            try await scene.bridge.until(
                #"fedmsg_bridge_warning{code="endpoint_away"}"#,
                is: 1,
                within: .seconds(700)
            )
            try await scene.bridge.expectAgreement(status: "warning", codes: ["endpoint_away"])
            try await FedmsgPublisher.with(bind: away) { publisher in
                try await publisher.subscribed()
                try await scene.bridge.until("fedmsg_bridge_zmq_connected_endpoints", is: 2)
                try await scene.bridge.expectAgreement(status: "ok", codes: [])
            }
        }
    }

    @Test("A publisher with a host name that is back at once loses nothing", .timeLimit(.minutes(3)))
    func returnsByName() async throws {
        let listener = try SilentListener()
        let other = "tcp://127.0.0.1:\(listener.port)"
        let port = try freePort()
        try await FedmsgToAMQP.with {
            let there = $0["to_amqp", "zmq_endpoints"] ?? "[]"
            $0["to_amqp", "zmq_endpoints"] = there.dropLast() + #", "tcp://localhost:\#(port)", "\#(other)"]"#
        } _: { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            try await FedmsgPublisher.with(bind: "tcp://127.0.0.1:\(port)") { publisher in
                try await publisher.subscribed()
                try await publisher.restart()
                try await publisher.subscribed()
                let count = try await publisher.publishNumbered(perSecond: 1_000) {
                    // What is taken for given up by now is connected to anew no later than this one.
                    try await listener.breakOff()
                    #expect(try await scene.bridge.logged("connecting again").contains(other))
                }
                #expect(try await scene.amqp.numbers(untilAll: count, within: .seconds(60)).runs == [[0, count]])
                try await scene.bridge.until("fedmsg_bridge_zmq_connected_endpoints", is: 2)
                #expect(scene.bridge.process.errors.lines.count { $0.contains("connecting again") } == 1)
            }
        }
    }

    @Test("A name server that does not answer holds up what has a host name alone", .timeLimit(.minutes(3)))
    func silentNameServer() async throws {
        try await withTemporaryDirectory { folder in
            let library = folder.appending(path: "silent_name_server.so").path
            let preload = try await PreloadedLibrary.compiled("silent_name_server.c", to: library)
            try await VirtualHost.with { host in
                try await PlainAMQP.with(url: host.url) { amqp in
                    try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                    try await amqp.consume(FedmsgToAMQP.queue)
                    try await FedmsgPublisher.with { publisher in
                        var settings = try BridgeSettings(amqpURL: host.url)
                        settings.environment["LD_PRELOAD"] = preload
                        let names = ["tcp://one.silent:3000", "tcp://other.silent:3000"]
                        settings.toAMQP(from: names + [publisher.endpoint])
                        let outlet = try settings.toFedmsg()
                        try await BridgeProcess.with(settings) { bridge in
                            try await publisher.subscribed()
                            try await publisher.publish(topic: "org.x", Self.envelope(1))
                            #expect(try await amqp.next().body == Self.body(1))
                            try await FrameSubscriber.with(connect: outlet) { subscriber in
                                try await AMQPToFedmsg.probe(through: amqp) { try !subscriber.taken().isEmpty }
                            }
                            try await bridge.reload {
                                $0.toAMQP(from: names + [publisher.endpoint, "tcp://third.silent:3000"])
                            }
                            try await publisher.publish(topic: "org.x", Self.envelope(2))
                            #expect(try await amqp.next().body == Self.body(2))
                            #expect(try await bridge.terminate() == .code(0))
                            #expect(!bridge.process.errors.lines.contains { $0.contains("could not send everything") })
                        }
                    }
                }
            }
        }
    }

    @Test("One that is listed twice is one: it may go, and may be taken out, like any other", .timeLimit(.minutes(2)))
    func listedTwice() async throws {
        try await FedmsgPublisher.with { other in
            try await FedmsgToAMQP.with { settings in
                let there = settings["to_amqp", "zmq_endpoints"] ?? "[]"
                let first = there.dropFirst().dropLast()
                settings["to_amqp", "zmq_endpoints"] = #"[\#(first), "\#(other.endpoint)", \#(first)]"#
            } _: { scene in
                try await other.subscribed()
                #expect(try await scene.bridge.metric("fedmsg_bridge_zmq_endpoints") == 2)
                try await scene.bridge.reload { $0.toAMQP(from: [other.endpoint, other.endpoint]) }
                try await scene.publisher.unsubscribed()
                try await scene.amqp.consume(FedmsgToAMQP.queue)
                try await other.publish(topic: "org.x", Self.envelope(1))
                #expect(try await scene.amqp.next().body == Self.body(1))
                try await other.restart()
                try await other.subscribed()
                try await other.publish(topic: "org.x", Self.envelope(2))
                #expect(try await scene.amqp.next().body == Self.body(2))
            }
        }
    }

    @Test("Three endpoints at once: one there, one late, one that goes and comes back", .timeLimit(.minutes(3)))
    func threeEndpoints() async throws {
        let (late, returning) = ("tcp://127.0.0.1:\(try freePort())", "tcp://127.0.0.1:\(try freePort())")
        try await FedmsgToAMQP.with {
            let there = $0["to_amqp", "zmq_endpoints"] ?? "[]"
            $0["to_amqp", "zmq_endpoints"] = there.dropLast() + #", "\#(late)", "\#(returning)"]"#
        } _: { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            func expectArrival(from publisher: FedmsgPublisher, _ number: Int) async throws {
                try await publisher.publish(topic: "org.x", Self.envelope(number))
                #expect(try await scene.amqp.next().body == Self.body(number))
            }
            try await FedmsgPublisher.with(bind: returning) { publisher in
                try await publisher.subscribed()
                try await expectArrival(from: publisher, 1)
            }
            try await expectArrival(from: scene.publisher, 2)
            try await FedmsgPublisher.with(bind: late) { publisher in
                try await publisher.subscribed()
                try await expectArrival(from: publisher, 3)
                try await FedmsgPublisher.with(bind: returning) { returned in
                    try await returned.subscribed()
                    try await expectArrival(from: returned, 4)
                    try await expectArrival(from: publisher, 5)
                    try await expectArrival(from: scene.publisher, 6)
                }
            }
        }
    }
}
