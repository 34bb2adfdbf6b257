import Foundation
import Testing

@Suite("A bridge that is killed at random moments, under load")
struct KillTests {
    private static let rounds = TestRun.size(10, full: 20)
    private static let queue = "fedmsg-bridge"
    /// What may go out again after a kill: a window that is handed over and not settled, with the batch that filled it.
    private static let window = 3_000
    /// Messages on their way to the broker that never arrive there, at least, where the machine ends with the bridge.
    private static let onTheWay = 300
    /// Few, so that most of what a subscriber did not take yet waits before libzmq, where nothing is acknowledged.
    private static let highWaterMark = 100
    /// With what libzmq had taken from its queue and not yet written.
    private static let unwritten = highWaterMark + 100

    @Test(
        "to AMQP: what was journalled arrives, in order but for repeats of a window at most",
        .timeLimit(.minutes(5))
    )
    func toAMQP() async throws {
        var random = SeededGenerator(seed: TestRun.seed)
        try await withTemporaryDirectory { folder in
            try await FedmsgPublisher.with { publisher in
                try await withBroker(FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange) { host, amqp, settings in
                    try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                    settings.toAMQP(from: [publisher.endpoint])
                    let spool = try KeptSpool(in: folder, for: &settings)
                    var journalled = 0
                    try await FaultProxy.with(brokerPort: host.broker.state.amqpPort) { proxy, port in
                        settings["", "amqp_url"] = "\"amqp://guest:guest@127.0.0.1:\(port)/\(host.name)\""
                        try await publisher.publishNumbered(perSecond: 2_000) {
                            for round in 0..<Self.rounds {
                                let found = try await spool.waiting()
                                let received = try await live(settings, round, &random) { bridge in
                                    if round.isMultiple(of: 2) { try await loseOnTheWay(bridge, proxy) }
                                    return try? await bridge.accounting(.toAMQP).received
                                }
                                // A life that ended before its first publish met nothing: the next one must not.
                                proxy.set { _ in .forward }
                                journalled += max(0, (received ?? 0) - found)
                            }
                        }
                        try await BridgeProcess.with(settings) { try await $0.settles() }
                    }
                    try await eventually("the queue is empty") { try await amqp.depth(FedmsgToAMQP.queue) == 0 }
                    // The peer may have yet to read what the queue holds no more.
                    try await eventually("what was journalled arrives", detail: { "seed \(TestRun.seed)" }) {
                        try await amqp.numbers().distinct.count >= journalled
                    }
                    let arrived = try await amqp.numbers()
                    let seed: Comment = "seed \(TestRun.seed), \(arrived.runs)"
                    #expect(arrived.isInOrderApartFromRepeats, seed)
                    #expect(arrived.longestRepeat <= Self.window, seed)
                    // What a life received follows without a gap.
                    #expect(arrived.distinct.rangeView.count <= Self.rounds + 1, seed)
                    print(
                        "killed \(Self.rounds) times: \(journalled) of \(arrived.distinct.count) were known to be",
                        terminator: " "
                    )
                    print("journalled, \(arrived.repeats) repeated, at most \(arrived.longestRepeat) at a time")
                }
            }
        }
    }

    @Test(
        "to AMQP, while the broker is away: what was journalled is settled by its confirm alone, and arrives",
        .timeLimit(.minutes(3))
    )
    func withoutBroker() async throws {
        // More than a window, so that some of it was handed over and some was not.
        let count = 5_000
        try await withTemporaryDirectory { folder in
            try await RabbitMQ.withOwn { broker in
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                }
                try await broker.stop()
                try await FedmsgPublisher.with { publisher in
                    var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                    settings.toAMQP(from: [publisher.endpoint])
                    let spool = try KeptSpool(in: folder, for: &settings)
                    try await BridgeProcess.with(settings, waiting: false) { bridge in
                        try await publisher.subscribed()
                        try await publisher.publishNumbered(count)
                        try await bridge.until(
                            #"fedmsg_bridge_received_total{direction="to_amqp"}"#,
                            is: Double(count)
                        )
                        bridge.process.send(SIGKILL)
                        #expect(try await bridge.process.awaitEnd() == .signal(SIGKILL))
                    }
                    #expect(try await spool.waiting() == count)
                    try await broker.start()
                    try await BridgeProcess.with(settings) { try await $0.settles() }
                    try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                        try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                        #expect(try await amqp.numbers(untilAll: count).runs == [[0, count]])
                    }
                }
            }
        }
    }

    @Test(
        "to fedmsg: what was not acknowledged arrives, and a kill loses a high water mark at most",
        .timeLimit(.minutes(5))
    )
    func toFedmsg() async throws {
        var random = SeededGenerator(seed: TestRun.seed)
        try await withBroker(Self.queue, boundTo: "amq.topic", .bridge) { _, amqp, settings in
            let endpoint = try settings.toFedmsg()
            settings["to_fedmsg", "require_subscriber"] = "true"
            settings["to_fedmsg", "post_init_sleep"] = "0"
            settings["to_fedmsg", "high_water_mark"] = String(Self.highWaterMark)
            // Slower than the broker delivers.
            try await FrameSubscriber.with(connect: endpoint, expecting: .max, rate: 1_000) { subscriber in
                var count = 0
                var acknowledged = [0]
                for round in 0..<Self.rounds {
                    try await amqp.publishNumbered(2_000, from: count)
                    count += 2_000
                    try await live(settings, round, &random)
                    try await eventually("the broker sees it gone") {
                        try await amqp.look(at: Self.queue).consumers == 0
                    }
                    acknowledged.append(count - (try await amqp.depth(Self.queue)))
                }
                try await BridgeProcess.with(settings) { bridge in
                    try await eventually("all is delivered", within: .seconds(150)) {
                        try await amqp.depth(Self.queue) == 0
                    }
                    try await bridge.settles()
                    try await eventually("the last arrives") {
                        try await subscriber.numbers().distinct.last == count - 1
                    }
                }
                let arrived = try await subscriber.numbers()
                let missing = IndexSet(integersIn: 0..<count).subtracting(arrived.distinct)
                let seed: Comment = "seed \(TestRun.seed), missing \(missing.rangeView.map { $0 }), \(acknowledged)"
                for (before, after) in zip(acknowledged, acknowledged.dropFirst()) {
                    #expect(missing.count(in: before..<after) <= Self.unwritten, seed)
                }
                #expect(missing.count(in: (acknowledged.last ?? 0)..<count) == 0, seed)
                #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs), \(seed)")
                print("killed \(Self.rounds) times: \(missing.count) of \(count) lost, \(arrived.repeats) repeated")
            }
        }
    }

    private func withBroker(
        _ queue: String,
        boundTo exchange: String,
        _ arguments: PlainAMQP.Arguments? = nil,
        _ body: (VirtualHost, PlainAMQP, inout BridgeSettings) async throws -> Void
    ) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: queue, boundTo: exchange, arguments)
                var settings = try BridgeSettings(amqpURL: host.url)
                try await body(host, amqp, &settings)
            }
        }
    }

    /// From now on what is published is lost before the broker has it, as where a machine ends with all that its kernel
    /// had taken; returns once that is some.
    private func loseOnTheWay(_ bridge: BridgeProcess, _ proxy: FaultProxy) async throws {
        proxy.set { $0.direction == .toBroker && $0.isMethod(60, 40) ? .blackHole : .forward }
        try await eventually("messages are on the way", detail: { bridge.process.lastWords }) {
            let inFlight = try await bridge.metric(#"fedmsg_bridge_in_flight_messages{direction="to_amqp"}"#)
            return inFlight ?? 0 >= Double(Self.onTheWay)
        }
    }

    /// Lets a daemon live for a random time and kills it: every other one while it works, the others at any moment of
    /// their beginning too.
    ///
    /// - Parameter lastWord: asked right before.
    @discardableResult
    private func live<Word>(
        _ settings: BridgeSettings,
        _ round: Int,
        _ random: inout SeededGenerator,
        _ lastWord: (BridgeProcess) async throws -> Word = { _ in }
    ) async throws -> Word {
        let life = Int.random(in: 0...1_000, using: &random)
        return try await BridgeProcess.with(settings, waiting: false) { bridge in
            if round.isMultiple(of: 2) {
                try await eventually("it works") {
                    guard try await bridge.get("/live") != nil else { return false }
                    let toAMQP = try await bridge.accounting(.toAMQP).forwarded
                    return toAMQP + (try await bridge.accounting(.toFedmsg).forwarded) > 0
                }
            }
            try await Task.sleep(for: .milliseconds(life))
            let word = try await lastWord(bridge)
            bridge.process.send(SIGKILL)
            #expect(try await bridge.process.awaitEnd() == .signal(SIGKILL))
            return word
        }
    }
}
