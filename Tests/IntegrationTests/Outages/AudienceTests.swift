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
}
