import Foundation
import Testing

@Suite("Loops")
struct LoopTests {
    @Test("A fedmsg that a bridge made is dropped", .timeLimit(.minutes(2)))
    func fromABridge() async throws {
        try await FedmsgToAMQP.with { scene in
            let count = try await scene.publisher.publish(file: Project.fedmsgs)
            try await scene.bridge.until(#"fedmsg_bridge_received_total{direction="to_amqp"}"#, is: Double(count))
            try await scene.bridge.until(#"fedmsg_bridge_forwarded_total{direction="to_amqp"}"#, is: 327)
            #expect(
                try await scene.bridge.metric(#"fedmsg_bridge_dropped_total{direction="to_amqp",reason="looped"}"#)
                    == 10
            )
        }
    }

    @Test("A bridge that hears itself on both sides carries each message once", .timeLimit(.minutes(2)))
    func hearsItself() async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "arrived", boundTo: "zmq.topic")
                try await FedmsgPublisher.with { publisher in
                    var settings = try BridgeSettings(amqpURL: host.url)
                    let own = try settings.toFedmsg()
                    settings.toAMQP(from: [publisher.endpoint, own])
                    settings["queues.everything", "durable"] = "true"
                    settings["queues.everything", "auto_delete"] = "false"
                    settings["queues.everything", "exclusive"] = "false"
                    settings["queues.everything", "arguments"] = "{}"
                    settings["", "bindings"] = """
                        [{ queue = "everything", exchange = "amq.topic", routing_keys = ["#"] }, \
                        { queue = "everything", exchange = "zmq.topic", routing_keys = ["#"] }]
                        """
                    try await BridgeProcess.with(settings) { bridge in
                        try await publisher.subscribed()
                        let looped = #"fedmsg_bridge_dropped_total{direction="to_amqp",reason="looped"}"#
                        try await AMQPToFedmsg.probe(through: amqp) { try await bridge.metric(looped) ?? 0 > 0 }
                        try await publisher.publish(topic: "org.x", #"{"msg":{},"msg_id":"1","topic":"org.x"}"#)
                        try await bridge.until(
                            #"fedmsg_bridge_dropped_total{direction="to_fedmsg",reason="looped"}"#,
                            is: 1
                        )
                        // Counted at the broker's confirm, which may come after the copy of it does.
                        try await bridge.until(#"fedmsg_bridge_forwarded_total{direction="to_amqp"}"#, is: 1)
                        #expect(try await amqp.depth("arrived") == 1)
                    }
                }
            }
        }
    }
}
