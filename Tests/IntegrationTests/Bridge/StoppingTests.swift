import Foundation
import Testing

/// What a stop leaves in the spool, and what becomes of it.
@Suite("Stops that leave something")
struct StoppingTests {
    private static let count = 500
    private static let received = #"fedmsg_bridge_received_total{direction="to_amqp"}"#

    /// A spool in which messages wait that were received while the broker was away, and the configuration for it.
    private static func withWaiting(
        _ body: (_ broker: RabbitMQ, _ settings: BridgeSettings, _ folder: URL) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            try await RabbitMQ.withOwn { broker in
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                }
                try await broker.stop()
                try await FedmsgPublisher.with { publisher in
                    var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                    settings.toAMQP(from: [publisher.endpoint])
                    settings["spool", "path"] = "\"\(folder.path)/spool.sqlite\""
                    settings["spool", "drain_timeout"] = "2"
                    try await BridgeProcess.with(settings, waiting: false) { bridge in
                        try await publisher.subscribed()
                        try await publisher.publishNumbered(count)
                        try await bridge.until(received, is: Double(count))
                        #expect(try await bridge.terminate() == .code(0))
                        _ = try await bridge.logged("left_in_spool=\(count)")
                    }
                    try await body(broker, settings, folder)
                }
            }
        }
    }

    private static func drain(_ settings: BridgeSettings, in folder: URL) async throws -> (ChildProcess.Exit, String) {
        let file = folder.appending(path: "bridge.toml")
        try Data(settings.toml.utf8).write(to: file)
        return try await BridgeProcess.run(["spool", "drain", "--config", file.path]) { process in
            let exit = try await process.awaitEnd()
            return (exit, process.output.lines.joined())
        }
    }

    @Test(
        "A stop without a broker exits 0 and says what it leaves; spool drain publishes it, in order, once there is one",
        .timeLimit(.minutes(4))
    )
    func drain() async throws {
        try await Self.withWaiting { broker, settings, folder in
            let (stuck, left) = try await Self.drain(settings, in: folder)
            #expect(stuck == .code(1))
            #expect(left == "0 published, 0 dropped, 0 rejected, \(Self.count) left")

            try await broker.start()
            let (exit, none) = try await Self.drain(settings, in: folder)
            #expect(exit == .code(0))
            #expect(none == "\(Self.count) published, 0 dropped, 0 rejected, 0 left")
            try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                try await amqp.consume(FedmsgToAMQP.queue, expecting: Self.count)
                let sequence = try await amqp.sequence(within: .seconds(60))
                #expect(sequence.received == Self.count)
                #expect(sequence.runs == [[0, Self.count]])
            }

            // The next start says for how long nobody listened, and what to do about it.
            try await BridgeProcess.with(settings) { bridge in
                let advice = try await bridge.logged("nobody listened")
                #expect(advice.contains("/datagrepper/raw?start="))
                let command = "fedmsg-bridge replay --config \(bridge.configuration.path) --format jsonl -"
                #expect(advice.contains(command))
                #expect(advice.contains(" --args amqp-bridge |"))
                let (exit, _) = try await Self.drain(settings, in: folder)
                #expect(exit == .code(75))
            }
        }
    }

    @Test("A drain makes no spool where there is none", .timeLimit(.minutes(5)))
    func nothing() async throws {
        try await withTemporaryDirectory { folder in
            var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:1")
            settings.toAMQP(from: ["tcp://127.0.0.1:1"])
            settings["spool", "path"] = "\"\(folder.path)/spool.sqlite\""
            let (exit, _) = try await Self.drain(settings, in: folder)
            #expect(exit == .code(66))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/spool.sqlite"))
        }
    }

    @Test(
        "A stop amid deliveries: a subscriber that is there gets what was taken, and the queue keeps the rest",
        .timeLimit(.minutes(3))
    )
    func toFedmsg() async throws {
        let count = 50_000
        let queue = "fedmsg-bridge"
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                // No quorum queue: RabbitMQ forgets acknowledgements over 32 behind its disk when their channel closes.
                try await amqp.declare(queue: queue, boundTo: "amq.topic")
                try await amqp.publishNumbered(count)
                var settings = try BridgeSettings(amqpURL: host.url)
                settings["", "queues"] = "{ \(queue) = { durable = true } }"
                let endpoint = try settings.toFedmsg()
                settings["to_fedmsg", "require_subscriber"] = "true"
                settings["to_fedmsg", "zmq_linger"] = "20000"
                // A steady subscriber, so that the queue is not empty by the time at which a busy machine gets to stop it.
                try await FrameSubscriber.with(connect: endpoint, expecting: .max, rate: 2_000) { subscriber in
                    try await BridgeProcess.with(settings) { bridge in
                        try await eventually("it delivers") { try await subscriber.numbers().received > 0 }
                        #expect(try await bridge.terminate() == .code(0))
                    }
                    try await eventually("the broker sees it gone") {
                        try await amqp.look(at: queue).consumers == 0
                    }
                    var seen = ""
                    try await eventually("the subscriber has what the queue has not", detail: { seen }) {
                        let left = try await amqp.depth(queue)
                        let taken = try await subscriber.numbers()
                        seen = "\(left) left, taken \(taken.runs)"
                        return left > 0 && taken.runs == [[0, count - left]]
                    }
                }
            }
        }
    }

    /// How a stop ends while a peer takes nothing.
    enum StuckEnd: CaseIterable {
        /// A subscriber has had its time.
        case subscriber
        /// A relay is the only one who gets anything.
        case relay
        case killed
    }

    @Test(
        "What goes out at a stop is acknowledged last: not while libzmq still sends it, nor where a relay did not take it",
        .timeLimit(.minutes(3)),
        arguments: StuckEnd.allCases
    )
    func flush(end: StuckEnd) async throws {
        // More than all buffers on the way hold of a peer that takes nothing.
        let (count, body) = (300, Data(#"{"text":"\#(String(repeating: "x", count: 100_000))"}"#.utf8))
        let queue = "fedmsg-bridge"
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: queue, boundTo: "amq.topic", .bridge)
                for number in 0..<count {
                    let properties = ["message_id": "\(number)"]
                    try await amqp.publish(exchange: "amq.topic", topic: "large", body: body, properties: properties)
                }
                var settings = try BridgeSettings(amqpURL: host.url)
                let endpoint = "tcp://127.0.0.1:\(try freePort())"
                try settings.toFedmsg(at: endpoint, remotePublish: end == .relay)
                settings["to_fedmsg", "require_subscriber"] = String(end != .relay)
                settings["to_fedmsg", "post_init_sleep"] = "0"
                settings["to_fedmsg", "zmq_linger"] = end == .killed ? "600000" : "500"
                settings["spool", "drain_timeout"] = "60"
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    let inHand = #"fedmsg_bridge_in_flight_messages{direction="to_fedmsg"}"#
                    try await bridge.until(inHand, is: Double(count))
                    bridge.process.send(SIGTERM)
                    _ = try await bridge.logged("stopping")
                    try await FrameSubscriber.with(
                        connect: end == .relay ? nil : endpoint,
                        bind: endpoint,
                        rate: 0,
                        queue: 10
                    ) { _ in
                        _ = try await bridge.logged("waiting for libzmq")
                        if end == .killed { bridge.process.send(SIGKILL) }
                        let exit = try await bridge.process.awaitEnd()
                        #expect(exit == (end == .killed ? .signal(SIGKILL) : .code(0)))
                    }
                    if end != .killed { _ = try await bridge.logged("could not send everything") }
                }
                try await eventually("the queue has what was not acknowledged") {
                    try await amqp.depth(queue) == (end == .subscriber ? 0 : count)
                }
            }
        }
    }

    @Test("A stop logs what was held back of the log", .timeLimit(.minutes(5)))
    func heldBack() async throws {
        try await FedmsgToAMQP.with { scene in
            for _ in 0..<3 { try await scene.publisher.publish(topic: "a.b", "[]") }
            let rejected = #"fedmsg_bridge_rejected_total{direction="to_amqp",reason="not_an_object"}"#
            try await scene.bridge.until(rejected, is: 3)
            #expect(try await scene.bridge.terminate() == .code(0))
            try await eventually("all output") { scene.bridge.process.errors.ended }
            let lines = scene.bridge.process.errors.lines.filter { $0.contains("reason=not_an_object") }
            #expect(lines.count == 2, "\(lines)")
            #expect(lines.last?.contains("count=2") == true, "\(lines)")
        }
    }

    @Test("A signal during the start is not lost", .timeLimit(.minutes(3)))
    func signalledAtStart() async throws {
        var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:1")
        settings.toAMQP(from: ["tcp://127.0.0.1:1"])
        for _ in 0..<5 {
            try await BridgeProcess.with(settings, waiting: false) { bridge in
                try await eventually("it catches the signal", every: .zero) { try bridge.process.catches(SIGTERM) }
                #expect(try await bridge.terminate() == .code(0))
            }
        }
    }

    @Test("A second signal does not wait for the drain", .timeLimit(.minutes(2)))
    func secondSignal() async throws {
        try await withTemporaryDirectory { folder in
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:1")
                settings.toAMQP(from: [publisher.endpoint])
                settings["spool", "drain_timeout"] = "600"
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    try await publisher.subscribed()
                    try await publisher.publishNumbered(10)
                    try await bridge.until(Self.received, is: 10)
                    bridge.process.send(SIGTERM)
                    try await publisher.unsubscribed()
                    bridge.process.send(SIGTERM)
                    #expect(try await bridge.process.awaitEnd() == .code(0))
                    #expect(try await bridge.logged("stopped at once").contains("left_in_spool=10"))
                }
            }
        }
    }
}
