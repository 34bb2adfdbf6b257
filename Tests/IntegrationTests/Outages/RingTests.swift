import Foundation
import Testing

@Suite("A ring of two bridges")
struct RingTests {
    /// Which of the two is one of the first kind.
    enum First: CaseIterable {
        case none, toAMQP, toFedmsg
    }

    private static let count = 1_000

    @Test(
        "carries each message once: 1,000 from either bus are once on both",
        .timeLimit(.minutes(3)),
        arguments: First.allCases
    )
    func once(first: First) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                // Everything that is on this bus: what is native, and what came from fedmsg.
                try await amqp.declare(queue: "everything", boundTo: "amq.topic")
                try await amqp.declare(queue: "everything", boundTo: FedmsgToAMQP.exchange)
                try await amqp.declare(queue: "fedmsg-bridge", boundTo: "amq.topic", .bridge)
                try await FedmsgPublisher.with { publisher in
                    let returning = "tcp://127.0.0.1:\(try freePort())"
                    let bus = [publisher.endpoint, returning]
                    try await FrameSubscriber.with(connect: bus[0], and: [bus[1]], expecting: .max) { subscriber in
                        try await publisher.subscribed()
                        try await toFedmsg(host, at: returning, isFirst: first == .toFedmsg, ringed: first == .none) {
                            try await toAMQP(host, from: bus, isFirst: first == .toAMQP) {
                                try await publisher.subscribed()
                                try await AMQPToFedmsg.probe(through: amqp) { try await subscriber.probes() > 0 }
                                try await publisher.publishNumbered(Self.count)
                                try await amqp.publishNumbered(Self.count, from: Self.count)
                                try await amqp.consume("everything", expecting: .max)
                                let onAMQP = try await amqp.numbers(untilAll: 2 * Self.count)
                                let onFedmsg = try await subscriber.numbers(untilAll: 2 * Self.count)
                                #expect(onAMQP.repeats == 0)
                                #expect(onFedmsg.repeats == 0)
                            }
                        }
                        // Whatever was still on its way round has arrived with the bridges' end.
                        #expect(try await amqp.numbers().received == 2 * Self.count)
                        #expect(try await subscriber.numbers().received == 2 * Self.count)
                    }
                }
            }
        }
    }

    private func toAMQP(
        _ host: VirtualHost,
        from endpoints: [String],
        isFirst: Bool,
        _ body: () async throws -> Void
    ) async throws {
        guard !isFirst else { return try await FirstBridge.toAMQP(url: host.url, from: endpoints, body) }
        var settings = try BridgeSettings(amqpURL: host.url)
        settings.toAMQP(from: endpoints)
        try await run(settings, body)
    }

    /// - Parameter ringed: consume what the other bridge published too, which only ours knows by its origin.
    private func toFedmsg(
        _ host: VirtualHost,
        at endpoint: String,
        isFirst: Bool,
        ringed: Bool,
        _ body: () async throws -> Void
    ) async throws {
        guard !isFirst else { return try await FirstBridge.toFedmsg(url: host.url, at: endpoint, body) }
        var settings = try BridgeSettings(amqpURL: host.url)
        try settings.toFedmsg(at: endpoint)
        if ringed {
            settings["", "bindings"] = """
                [{ queue = "fedmsg-bridge", exchange = "amq.topic", routing_keys = ["#"] }, \
                { queue = "fedmsg-bridge", exchange = "zmq.topic", routing_keys = ["#"] }]
                """
        }
        try await run(settings, body)
    }

    /// Runs a bridge, and lets it come to rest before it ends.
    private func run(_ settings: BridgeSettings, _ body: () async throws -> Void) async throws {
        try await BridgeProcess.with(settings) { bridge in
            try await body()
            try await bridge.settles()
            #expect(try await bridge.terminate() == .code(0))
        }
    }
}
