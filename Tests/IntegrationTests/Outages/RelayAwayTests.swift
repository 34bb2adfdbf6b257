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
                    let port = try ReservedPort()
                    let endpoint = "tcp://127.0.0.1:\(port.number)"
                    try settings.toFedmsg(at: endpoint, remotePublish: true)
                    // What went back is not sent, so nothing of it comes twice.
                    settings["spool", "duplicate_window"] = "0"
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
                            try await eventually("the queue is consumed from again, and empty") {
                                let queue = try await amqp.look(at: "fedmsg-bridge")
                                return queue.consumers == 1 && queue.messages == 0
                            }
                            try await bridge.settles()
                            try await bridge.untilReady()
                            #expect(try await bridge.accounting(.toFedmsg).forwarded == count)
                        }
                        withExtendedLifetime(port) {}
                        #expect(!bridge.process.errors.lines.contains { $0.contains("PRECONDITION_FAILED") })
                    }
                }
            }
        }
    }

    @Test("One that goes is noticed: what comes meanwhile stays the broker's", .timeLimit(.minutes(2)))
    func goes() async throws {
        let count = 200
        try await Self.withBridge { bridge, amqp, endpoint in
            try await FrameSubscriber.with(bind: endpoint, expecting: count) { relay in
                try await amqp.publishNumbered(count)
                #expect(try await relay.sequence(within: .seconds(60)).runs == [[0, count]])
                try await bridge.untilReady()
            }
            try await bridge.untilNotReady(because: "no_relay")
            try await amqp.publishNumbered(count, from: count)
            try await bridge.until(Self.inHand, is: Double(count))
            try await FrameSubscriber.with(bind: endpoint, expecting: count) { relay in
                #expect(try await relay.sequence(within: .seconds(60)).runs == [[count, count]])
                try await bridge.untilReady()
                try await bridge.settles()
            }
        }
    }

    @Test("One that has a host name is noticed as well, also after it was away for a moment", .timeLimit(.minutes(2)))
    func goesByName() async throws {
        let count = 200
        let listener = try SilentListener()
        let other = "tcp://127.0.0.1:\(listener.port)"
        let port = try freePort()
        let (name, endpoint) = ("tcp://localhost:\(port)", "tcp://127.0.0.1:\(port)")
        try await FedmsgPublisher.with { publisher in
            try await Self.withBridge(at: name, from: [publisher.endpoint, other]) { bridge, amqp, _ in
                let relays = try await FrameSubscriber.with(bind: endpoint, expecting: .max) { relay in
                    try await relay.connected()
                    try await relay.restart()
                    try await relay.connected()
                    // What is taken for given up by now is connected to anew no later than this one.
                    try await listener.breakOff()
                    #expect(try await bridge.logged("connecting again").contains(other))
                    try await amqp.publishNumbered(2 * count)
                    #expect(try await relay.numbers(untilAll: 2 * count).runs == [[0, 2 * count]])
                    return try #require(try await bridge.metric(Self.relays))
                }
                try await bridge.until(Self.relays, is: relays - 1)
                try await amqp.publishNumbered(count, from: 2 * count)
                try await bridge.untilNotReady(because: "no_relay")
                try await FrameSubscriber.with(bind: endpoint, expecting: count) { relay in
                    #expect(try await relay.sequence(within: .seconds(60)).runs == [[2 * count, count]])
                    try await bridge.until(Self.relays, is: 1)
                    try await bridge.untilReady()
                    try await bridge.settles()
                }
            }
        }
    }

    @Test("One that once answers with something else is connected to again", .timeLimit(.minutes(2)))
    func speaksOtherwise() async throws {
        let listener = try SilentListener()
        try await Self.withBridge(at: "tcp://127.0.0.1:\(listener.port)") { bridge, amqp, endpoint in
            try await listener.breakOff()
            try await FrameSubscriber.with(bind: endpoint, expecting: 10) { relay in
                try await amqp.publishNumbered(10)
                #expect(try await relay.sequence(within: .seconds(60)).runs == [[0, 10]])
                try await bridge.untilReady()
            }
        }
    }

    private static func withBridge(
        at endpoint: String? = nil,
        from publishers: [String] = [],
        _ body: (BridgeProcess, PlainAMQP, _ endpoint: String) async throws -> Void
    ) async throws {
        let endpoint = try endpoint ?? "tcp://127.0.0.1:\(freePort())"
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: "fedmsg-bridge", boundTo: "amq.topic", .bridge)
                var settings = try BridgeSettings(amqpURL: host.url)
                try settings.toFedmsg(at: endpoint, remotePublish: true)
                if !publishers.isEmpty { settings.toAMQP(from: publishers) }
                try await BridgeProcess.with(settings, waiting: false) { try await body($0, amqp, endpoint) }
            }
        }
    }

    private static let relays = "fedmsg_bridge_zmq_subscribers"
    private static let inHand = #"fedmsg_bridge_in_flight_messages{direction="to_fedmsg"}"#
}
