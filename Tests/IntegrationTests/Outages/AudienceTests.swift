import Testing

@Suite("Nobody to send to")
struct AudienceTests {
    @Test(
        "A peer that is required gets the first message: connecting is not enough, it has to have subscribed",
        .timeLimit(.minutes(2)),
        arguments: [true, false]
    )
    func subscribesLate(relay: Bool) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "fedmsg-bridge", boundTo: "amq.topic", .bridge)
                try await amqp.publishNumbered(10)
                var settings = try BridgeSettings(amqpURL: host.url)
                settings["to_fedmsg", "require_subscriber"] = "true"
                settings["to_fedmsg", "post_init_sleep"] = "0"
                let endpoint = relay ? nil : try settings.toFedmsg()
                try await FrameSubscriber.with(connect: endpoint, expecting: 10, isSilent: true) { subscriber in
                    if relay { try settings.toFedmsg(at: subscriber.endpoint, remotePublish: true) }
                    try await BridgeProcess.with(settings, waiting: false) { bridge in
                        try await subscriber.connected()
                        try await bridge.until("fedmsg_bridge_zmq_subscribers", is: 1)
                        try await bridge.until(#"fedmsg_bridge_in_flight_messages{direction="to_fedmsg"}"#, is: 10)
                        let reason = relay ? "no_relay" : "no_subscriber"
                        try await bridge.expectAgreement(status: "critical", codes: [reason])
                        try subscriber.subscribe()
                        #expect(try await subscriber.sequence(within: .seconds(30)).runs == [[0, 10]])
                        try await bridge.untilReady()
                        try await bridge.settles()
                    }
                }
            }
        }
    }

    /// What a SUB socket sends to be let in: ZMTP 3.0's greeting and READY.
    private static var handshake: [UInt8] {
        let greeting: [UInt8] = [0xFF] + zeros(8) + [0x7F, 3, 0] + Array("NULL".utf8) + zeros(16 + 32)
        let type: [UInt8] = [11] + Array("Socket-Type".utf8) + [0, 0, 0, 3] + Array("SUB".utf8)
        let ready: [UInt8] = [5] + Array("READY".utf8) + type
        return greeting + [4, UInt8(ready.count)] + ready
    }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    @Test("Who takes back what he never asked for takes nothing from others", .timeLimit(.minutes(2)))
    func takesBack() async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "fedmsg-bridge", boundTo: "amq.topic", .bridge)
                var settings = try BridgeSettings(amqpURL: host.url)
                settings["to_fedmsg", "require_subscriber"] = "true"
                settings["to_fedmsg", "post_init_sleep"] = "0"
                let endpoint = try settings.toFedmsg()
                let port = try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    var mute: RawConnection?
                    try await FrameSubscriber.with(connect: endpoint, expecting: 10) { subscriber in
                        try await bridge.untilReady()
                        do {
                            let stranger = try RawConnection(port: port)
                            stranger.send(Self.handshake)
                            try await bridge.until("fedmsg_bridge_zmq_subscribers", is: 2)
                            for topic in ["", "", "nobody's"] {
                                stranger.send([0, UInt8(1 + topic.utf8.count), 0] + Array(topic.utf8))
                            }
                            withExtendedLifetime(stranger) {}
                        }
                        // What he sent came before his end.
                        try await bridge.until("fedmsg_bridge_zmq_subscribers", is: 1)
                        try await amqp.publishNumbered(10)
                        #expect(try await subscriber.sequence(within: .seconds(30)).runs == [[0, 10]])
                        // Who comes back at once counts again, whatever libzmq still has of him.
                        try await subscriber.connected()
                        for _ in 0..<20 {
                            try await subscriber.restart()
                            try await subscriber.connected()
                            try await bridge.untilReady()
                        }
                        mute = try RawConnection(port: port)
                        mute?.send(Self.handshake)
                        try await bridge.until("fedmsg_bridge_zmq_subscribers", is: 2)
                    }
                    // Who has subscribed to nothing is no audience.
                    try await bridge.untilNotReady(because: "no_subscriber")
                    withExtendedLifetime(mute) {}
                }
            }
        }
    }

    @Test(
        "Who repeats a subscription takes no memory by it, and a subscriber counts all the same",
        .timeLimit(.minutes(3))
    )
    func repeats() async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "fedmsg-bridge", boundTo: "amq.topic", .bridge)
                var settings = try BridgeSettings(amqpURL: host.url)
                settings["to_fedmsg", "post_init_sleep"] = "0"
                let endpoint = try settings.toFedmsg()
                let port = try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })
                try await BridgeProcess.with(settings) { bridge in
                    let before = try bridge.process.peakMemory()
                    var stranger: RawConnection? = try RawConnection(port: port)
                    stranger?.send(Self.handshake)
                    try await bridge.until("fedmsg_bridge_zmq_subscribers", is: 1)
                    let subscription: [UInt8] = [0, 1, 1]
                    let many = Array(repeatElement(subscription, count: 100_000).joined())
                    for _ in 0..<100 { stranger?.send(many) }
                    // Its subscription is no other's first, nor the first after the reload.
                    try await FrameSubscriber.with(connect: endpoint, expecting: 10) { subscriber in
                        try await subscriber.connected()
                        try await bridge.until("fedmsg_bridge_zmq_subscribers", is: 2)
                        #expect(try bridge.process.peakMemory() - before < 60)
                        try await bridge.reload { $0["to_fedmsg", "require_subscriber"] = "true" }
                        stranger = nil
                        try await bridge.until("fedmsg_bridge_zmq_subscribers", is: 1)
                        try await bridge.untilReady()
                        try await amqp.publishNumbered(10)
                        #expect(try await subscriber.sequence(within: .seconds(30)).runs == [[0, 10]])
                        try await subscriber.restart()
                        try await subscriber.connected()
                        try await bridge.untilReady()
                    }
                    try await bridge.untilNotReady(because: "no_subscriber")
                }
            }
        }
    }

    @Test("A peer that asks for a topic longer than any is let go; others get their messages", .timeLimit(.minutes(2)))
    func asksTooMuch() async throws {
        var endpoint = ""
        try await AMQPToFedmsg.with {
            endpoint = try $0.toFedmsg()
        } _: { scene in
            try await FrameSubscriber.with(connect: endpoint, isSilent: true) { rude in
                try await rude.connected()
                try rude.subscribe(to: String(repeating: "a", count: 5000))
                // It comes again by itself, and asks again.
                try await rude.connected()
                try await FrameSubscriber.with(connect: endpoint) { subscriber in
                    try await scene.probe { try !subscriber.taken().isEmpty }
                }
            }
        }
    }
}
