import Foundation
import Testing

@Suite("A broker that is away, or short of memory")
struct BrokerOutageTests {
    /// What waits before the broker comes back: a minute's worth in a full run.
    private static let backlog = TestRun.size(8_000, full: 120_000)
    private static let rate = 2_000

    @Test(
        "What comes while the broker is away arrives after it, in order",
        .timeLimit(.minutes(8)),
        arguments: [true, false]
    )
    func stopped(orderly: Bool) async throws {
        try await RabbitMQ.withOwn { broker in
            try await withBridge(to: broker) { bridge, publisher in
                let count = try await publisher.publishNumbered(perSecond: Self.rate) {
                    try await forwards(bridge)
                    if orderly { try await broker.stop() } else { try await broker.kill() }
                    try await bridge.untilNotReady(because: "broker_away")
                    try await waits(bridge, Self.backlog)
                    #expect(try await bridge.readiness()?.reasons.map(\.code) == ["broker_away"])
                    #expect(try await bridge.get("/live")?.status == 200)
                    try await broker.start()
                    try await bridge.untilReady(within: .seconds(90))
                }
                try await bridge.settles(within: .seconds(300))
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                    let arrived = try await amqp.numbers(untilAll: count)
                    #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
                }
            }
        }
    }

    @Test("While the broker is short of memory, receiving goes on and /ready says blocked", .timeLimit(.minutes(4)))
    func blocked() async throws {
        try await RabbitMQ.withOwn { broker in
            try await withBridge(to: broker) { bridge, publisher in
                let count = try await publisher.publishNumbered(perSecond: Self.rate) {
                    try await forwards(bridge)
                    try await broker.eval("vm_memory_monitor:set_vm_memory_high_watermark(0.00001).")
                    try await bridge.untilNotReady(because: "blocked")
                    #expect(try await bridge.metric("fedmsg_bridge_amqp_blocked") == 1)
                    try await waits(bridge, Self.backlog / 2)
                    try await bridge.expectAgreement(status: "critical", codes: ["blocked"])
                    try await broker.eval("vm_memory_monitor:set_vm_memory_high_watermark(0.6).")
                    try await bridge.untilReady()
                }
                try await bridge.settles()
                #expect(try await bridge.metric("fedmsg_bridge_amqp_blocked") == 0)
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                    #expect(try await amqp.numbers(untilAll: count).runs == [[0, count]])
                }
            }
        }
    }

    @Test(
        "A reload while the broker is short of memory goes on consuming, and a stop waits for it no longer",
        .timeLimit(.minutes(4))
    )
    func reloadedWhileBlocked() async throws {
        try await RabbitMQ.withOwn { broker in
            try await withBridge(to: broker) {
                try $0.toFedmsg()
            } _: { bridge, publisher in
                try await publisher.publishNumbered(perSecond: Self.rate) {
                    try await forwards(bridge)
                    try await broker.eval("vm_memory_monitor:set_vm_memory_high_watermark(0.00001).")
                    try await bridge.untilNotReady(because: "blocked")
                    try bridge.startReload {
                        $0["qos", "prefetch_count"] = "7"
                        $0["to_amqp", "exchange"] = "\"another\""
                    }
                    try await eventually("it consumes as the new configuration says", within: .seconds(90)) {
                        try await broker.ctl("-q", "list_consumers", "queue_name", "prefetch_count")
                            .contains("fedmsg-bridge\t7")
                    }
                    #expect(try await bridge.terminate(within: .seconds(60)) == .code(0))
                }
            }
        }
    }

    /// A bridge to a broker of its own, with a queue for what arrives.
    private func withBridge(
        to broker: RabbitMQ,
        _ configure: (inout BridgeSettings) throws -> Void = { _ in },
        _ body: (BridgeProcess, FedmsgPublisher) async throws -> Void
    ) async throws {
        try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
            try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
        }
        // A broker that is killed may lose a queue that it has only just made.
        try await broker.eval("mnesia:dump_log().")
        try await FedmsgPublisher.with { publisher in
            var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
            settings.toAMQP(from: [publisher.endpoint])
            try configure(&settings)
            try await BridgeProcess.with(settings) { bridge in
                try await publisher.subscribed()
                try await body(bridge, publisher)
            }
        }
    }

    private func forwards(_ bridge: BridgeProcess) async throws {
        try await eventually("messages are forwarded") { try await bridge.accounting(.toAMQP).forwarded > 1_000 }
    }

    private func waits(_ bridge: BridgeProcess, _ count: Int) async throws {
        try await eventually("\(count) messages wait", within: .seconds(180)) {
            try await bridge.accounting(.toAMQP).spooled >= count
        }
    }
}
