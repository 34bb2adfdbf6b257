import Foundation
import Testing

@Suite("Brokers that go, and stops")
struct LifecycleTests {
    @Test("SIGTERM and SIGINT end it with 0", .timeLimit(.minutes(5)), arguments: [SIGTERM, SIGINT])
    func signals(signal: Int32) async throws {
        try await FedmsgToAMQP.with { scene in
            scene.bridge.process.send(signal)
            let exit = try await scene.bridge.process.awaitEnd()
            #expect(exit == .code(0))
        }
    }

    @Test("A stop drains: what was received has reached the broker", .timeLimit(.minutes(3)))
    func drains() async throws {
        let count = 20_000
        try await FedmsgToAMQP.with {
            $0["spool", "drain_timeout"] = "100"
        } _: { scene in
            try await scene.publisher.publishNumbered(count)
            try await scene.bridge.until(#"fedmsg_bridge_received_total{direction="to_amqp"}"#, is: Double(count))
            #expect(try await scene.bridge.terminate(within: .seconds(120)) == .code(0))
            #expect(try await scene.amqp.depth(FedmsgToAMQP.queue) == count)
        }
    }

    @Test("A broker that is not there is waited for, and /ready says so", .timeLimit(.minutes(4)))
    func brokerNotThere() async throws {
        try await RabbitMQ.withOwn { broker in
            try await broker.stop()
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                settings.toAMQP(from: [publisher.endpoint])
                try settings.toFedmsg()
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    try await bridge.untilNotReady(because: "broker_away")
                    #expect(try await bridge.get("/live")?.status == 200)
                    try await broker.start()
                    try await bridge.untilReady(within: .seconds(90))
                    #expect(try await bridge.terminate() == .code(0))
                }
            }
        }
    }

    @Test(
        "A broker that goes and comes back is found again, both ways",
        .timeLimit(.minutes(5)),
        arguments: [true, false]
    )
    func brokerComesBack(orderly: Bool) async throws {
        try await RabbitMQ.withOwn { broker in
            let url = broker.state.amqpURL
            try await PlainAMQP.with(url: url) { try await $0.declare(queue: "arrived", boundTo: "zmq.topic") }
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(amqpURL: url)
                settings.toAMQP(from: [publisher.endpoint])
                let endpoint = try settings.toFedmsg()
                try await BridgeProcess.with(settings) { bridge in
                    try await publisher.subscribed()
                    try await broker.eval("mnesia:dump_log().")
                    if orderly { try await broker.stop() } else { try await broker.kill() }
                    try await bridge.untilNotReady(because: "broker_away")
                    try await broker.start()
                    try await broker.electLeaders()
                    try await bridge.untilReady(within: .seconds(90))
                    try await PlainAMQP.with(url: url) { amqp in
                        try await publisher.publish(topic: "org.x", #"{"msg":{"after":true},"topic":"org.x"}"#)
                        try await amqp.consume("arrived")
                        #expect(try await amqp.next().body == Data(#"{"after":true}"#.utf8))
                        try await FrameSubscriber.with(connect: endpoint) { subscriber in
                            try await AMQPToFedmsg.probe(through: amqp) { try !subscriber.taken().isEmpty }
                        }
                    }
                    #expect(
                        try await bridge.metric(#"fedmsg_bridge_amqp_reconnects_total{direction="to_amqp"}"#) ?? 0 > 0
                    )
                }
            }
        }
    }

    @Test("A queue without a leader is said to be down, and is consumed from once it has one", .timeLimit(.minutes(5)))
    func queueWithoutLeader() async throws {
        try await RabbitMQ.withOwn { broker in
            let url = broker.state.amqpURL
            var settings = try BridgeSettings(amqpURL: url)
            let endpoint = try settings.toFedmsg()
            try await BridgeProcess.with(settings) { bridge in
                try await broker.stop()
                try broker.forgetReplicas()
                try await broker.start()
                try await bridge.untilNotReady(because: "queue_down")
                try await bridge.expectAgreement(status: "critical", codes: ["queue_down"])
                try await broker.electLeaders()
                try await bridge.untilReady()
                try await PlainAMQP.with(url: url) { amqp in
                    try await FrameSubscriber.with(connect: endpoint) { subscriber in
                        try await AMQPToFedmsg.probe(through: amqp) { try !subscriber.taken().isEmpty }
                    }
                }
            }
        }
    }
}
