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
