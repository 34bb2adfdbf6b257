import Foundation
import Testing

/// A spool that takes nothing, as `/ready` and the accounts show it.
@Suite("A spool that takes nothing")
struct SpoolStateTests {
    /// More room than any file system has free: the spool counts as full from the start.
    private static let noRoom = "9000000000000000000"
    private static let received = #"fedmsg_bridge_received_total{direction="to_amqp"}"#
    private static let lost = #"fedmsg_bridge_dropped_total{direction="to_amqp",reason="spool_full"}"#

    @Test("With a broker that takes messages it is a warning, and they go through memory", .timeLimit(.minutes(2)))
    func degraded() async throws {
        try await FedmsgToAMQP.with {
            $0["spool", "min_free_bytes"] = Self.noRoom
        } _: { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: 2_000)
            try await scene.publisher.publishNumbered(2_000)
            let sequence = try await scene.amqp.sequence(within: .seconds(60))
            #expect(sequence.received == 2_000)
            #expect(sequence.runs == [[0, 2_000]])
            try await eventually("/ready warns", detail: { scene.bridge.process.lastWords }) {
                let readiness = try await scene.bridge.readiness()
                return readiness?.warnings.contains { $0.code == "degraded" } ?? false
            }
            try await scene.bridge.expectAgreement(status: "warning", codes: ["degraded"])
            try await scene.bridge.settles()
            #expect(try await scene.bridge.accounting(.toAMQP).forwarded == 2_000)
        }
    }

    @Test(
        "Without a broker it is spool_full; past max_memory messages are dropped, counted and told",
        .timeLimit(.minutes(3))
    )
    func full() async throws {
        let count = 30_000
        try await RabbitMQ.withOwn { broker in
            try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
            }
            try await broker.stop()
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                settings.toAMQP(from: [publisher.endpoint])
                settings["spool", "min_free_bytes"] = Self.noRoom
                settings["spool", "max_memory"] = "1048576"
                settings["to_amqp", "max_message_bytes"] = "100000"
                try await BridgeProcess.with(settings, waiting: false) { bridge in
                    try await publisher.subscribed()
                    try await publisher.publishNumbered(count)
                    try await bridge.until(Self.received, is: Double(count))
                    try await bridge.balances()
                    let full = try await bridge.accounting(.toAMQP)
                    let lost = try await bridge.metric(Self.lost).map { Int($0) }
                    #expect(full.dropped == lost)
                    #expect(full.dropped > 0)
                    #expect(full.spooled > 0)
                    try await bridge.untilNotReady(because: "spool_full")
                    _ = try await bridge.logged("messages lost")
                    try await bridge.expectAgreement(status: "critical", codes: ["broker_away", "spool_full"])
                    #expect(try await bridge.get("/live")?.status == 200)

                    try await broker.start()
                    try await bridge.settles()
                    #expect(try await bridge.accounting(.toAMQP).forwarded == full.spooled)
                    try await bridge.untilReady(within: .seconds(30))
                }
            }
        }
    }
}
