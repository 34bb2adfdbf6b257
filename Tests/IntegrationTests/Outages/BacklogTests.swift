import Foundation
import Testing

@Suite("Backlogs, with default settings")
struct BacklogTests {
    private static let queue = "fedmsg-bridge"

    @Test("A subscriber that takes 1,500 a second gets all that waits, in order", .timeLimit(.minutes(10)))
    func slow() async throws {
        let count = TestRun.size(12_000, full: 100_000)
        try await withBacklog(of: count) { amqp, settings, endpoint in
            try await FrameSubscriber.with(connect: endpoint, expecting: count, rate: 1_500) { subscriber in
                try await BridgeProcess.with(settings) { bridge in
                    #expect(try await subscriber.sequence(within: .seconds(400)).runs == [[0, count]])
                    #expect(try await bridge.metric("fedmsg_bridge_slow_subscribers_left_total") == 0)
                    try await bridge.settles()
                }
            }
        }
    }

    @Test("One that takes 200 a second does too, where nobody is faster", .timeLimit(.minutes(30)))
    func slower() async throws {
        // Enough that the queue is full, and that half of it has to drain more than once.
        let count = TestRun.size(3_000, full: 100_000)
        try await withBacklog(of: count) { amqp, settings, endpoint in
            try await FrameSubscriber.with(connect: endpoint, expecting: count, rate: 200) { subscriber in
                try await BridgeProcess.with(settings) { bridge in
                    #expect(try await subscriber.sequence(within: .seconds(1_200)).runs == [[0, count]])
                    #expect(try await bridge.metric("fedmsg_bridge_slow_subscribers_left_total") == 0)
                    try await bridge.settles()
                }
            }
        }
    }

    @Test("One that takes nothing costs the grace once, and the others get everything", .timeLimit(.minutes(5)))
    func stuck() async throws {
        let count = TestRun.size(30_000, full: 100_000)
        try await withBacklog(of: count) { amqp, settings, endpoint in
            try await FrameSubscriber.with(connect: endpoint, expecting: count, rate: 0) { stuck in
                try await FrameSubscriber.with(connect: endpoint, expecting: count) { subscriber in
                    try await BridgeProcess.with(settings) { bridge in
                        #expect(try await subscriber.sequence(within: .seconds(200)).runs == [[0, count]])
                        #expect(try await bridge.metric("fedmsg_bridge_slow_subscribers_left_total") == 1)
                        try await bridge.expectAgreement(status: "warning", codes: ["slow_subscriber"])
                        try await bridge.settles()
                    }
                }
            }
        }
    }

    @Test("A burst to AMQP while the broker is away, then drained, stays within its memory", .timeLimit(.minutes(10)))
    func burst() async throws {
        let count = TestRun.size(30_000, full: 200_000)
        let new = 100
        try await RabbitMQ.withOwn { broker in
            try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
            }
            try await broker.stop()
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                settings.toAMQP(from: [publisher.endpoint])
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    try await publisher.subscribed()
                    try await publisher.publishNumbered(count)
                    try await bridge.until("fedmsg_bridge_spool_messages", is: Double(count))
                    try await bridge.balances()
                    let whileAway = try bridge.process.peakMemory()
                    try await broker.start()
                    try await bridge.untilReady()
                    // What is new does not wait for what is old.
                    try await publisher.publishNumbered(new, from: count)
                    try await bridge.until(
                        #"fedmsg_bridge_received_total{direction="to_amqp"}"#,
                        is: Double(count + new)
                    )
                    #expect(try await bridge.accounting(.toAMQP).spooled > new)
                    try await bridge.settles(within: .seconds(400))
                    let whileDraining = try bridge.process.peakMemory()
                    try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                        try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                        #expect(try await amqp.numbers(untilAll: count + new).runs == [[0, count + new]])
                    }
                    // What waits is read in pages, so that a backlog's length does not show.
                    #expect(whileAway < 400)
                    #expect(whileDraining < 400)
                    print(
                        "\(count) messages: \(whileAway) MiB while the broker was away, \(whileDraining) once drained"
                    )
                }
            }
        }
    }

    /// A virtual host where so many messages wait for a bridge that is yet to start, and that bridge's settings.
    private func withBacklog(
        of count: Int,
        _ body: (PlainAMQP, BridgeSettings, _ endpoint: String) async throws -> Void
    ) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: Self.queue, boundTo: "amq.topic", .bridge)
                try await amqp.publishNumbered(count)
                try await eventually("\(count) messages wait") { try await amqp.depth(Self.queue) == count }
                var settings = try BridgeSettings(amqpURL: host.url)
                let endpoint = try settings.toFedmsg()
                try await body(amqp, settings, endpoint)
            }
        }
    }
}
