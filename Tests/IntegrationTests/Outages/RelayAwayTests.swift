import Foundation
import Testing

@Suite("A relay that stays away")
struct RelayAwayTests {
    @Test(
        "After a minute without one what is in hand goes back, and the broker's consumer timeout harms nothing",
        .timeLimit(.minutes(6))
    )
    func consumerTimeout() async throws {
        let count = 200
        try await withTemporaryDirectory { folder in
            let configuration = folder.appending(path: "rabbitmq.conf")
            // The least that it takes; it looks every minute.
            try Data("consumer_timeout = 60000\n".utf8).write(to: configuration)
            try await RabbitMQ.withOwn(["--config", configuration.path]) { broker in
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.declare(queue: "fedmsg-bridge", boundTo: "amq.topic", .bridge)
                    try await amqp.publishNumbered(count)
                    var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                    let endpoint = "tcp://127.0.0.1:\(try freePort())"
                    try settings.toFedmsg(at: endpoint, remotePublish: true)
                    try await BridgeProcess.with(settings, waiting: false) { bridge in
                        try await bridge.until(Self.inHand, is: Double(count))
                        try await bridge.untilNotReady(because: "no_relay")
                        // All of it is back at the broker, once.
                        try await eventually("what is in hand goes back", within: .seconds(120)) {
                            try await amqp.depth("fedmsg-bridge") == count
                        }
                        try await bridge.until(Self.inHand, is: 0)
                        try await FrameSubscriber.with(bind: endpoint, expecting: count) { relay in
                            #expect(try await relay.sequence(within: .seconds(60)).runs == [[0, count]])
                            try await bridge.settles()
                            try await bridge.untilReady()
                            #expect(try await bridge.accounting(.toFedmsg).forwarded == count)
                        }
                        #expect(!bridge.process.errors.lines.contains { $0.contains("PRECONDITION_FAILED") })
                    }
                }
            }
        }
    }

    private static let inHand = #"fedmsg_bridge_in_flight_messages{direction="to_fedmsg"}"#
}
