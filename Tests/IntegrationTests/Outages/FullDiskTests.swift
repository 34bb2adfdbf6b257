import Foundation
import Testing

@Suite("A disk that is full, for real")
struct FullDiskTests {
    /// Why the spool takes nothing.
    enum Cause: CaseIterable {
        /// `ENOSPC`.
        case diskFull
        case minFreeBytes
        case maxBytes
    }

    private static let rate = 1_000
    private static let maxMemory = 2_097_152
    private static let minFreeBytes = 8_000_000
    private static let unjournalled = "fedmsg_bridge_unjournalled_messages"
    private static let inHand = #"fedmsg_bridge_in_flight_messages{direction="to_fedmsg"}"#
    private static let reconnects = #"fedmsg_bridge_amqp_reconnects_total{direction="to_fedmsg"}"#

    @Test(
        "To AMQP under load: what waits goes on in order, what is lost past max_memory is counted, and all is well again after it",
        .timeLimit(.minutes(5)),
        arguments: Cause.allCases
    )
    func toAMQP(cause: Cause) async throws {
        try await withScene(cause) { scene in
            let (bridge, disk) = (scene.bridge, scene.disk)
            let published = try await scene.publisher.publishNumbered(perSecond: Self.rate) {
                try await scene.forwards(500)
                if cause != .maxBytes {
                    // Settlements of what is under way can't be written either.
                    try await disk.fill(leaving: cause == .diskFull ? 0 : Self.minFreeBytes / 2)
                    try await scene.warns("degraded")
                    #expect(try await bridge.get("/ready")?.status == 200)
                    let before = try await bridge.accounting(.toAMQP)
                    #expect(before.dropped == 0)
                    try await scene.forwards(before.forwarded + 1_000)
                }
                try await scene.broker.stop()
                try await bridge.untilNotReady(because: "spool_full")
                let reason = try await bridge.readiness()?.reasons.first { $0.code == "spool_full" }
                #expect(reason?.text.contains("a kill would lose") == true, "\(String(describing: reason))")
                #expect(try await bridge.metric(Self.unjournalled) ?? 0 > 0)
                _ = try await bridge.logged("messages lost")
                try await eventually("more are lost") { try await bridge.accounting(.toAMQP).dropped > 2_000 }
                #expect(try await bridge.get("/live")?.status == 200)
                if cause != .maxBytes {
                    // With space alone it takes what waits in memory; the broker is still away.
                    try await disk.free()
                    try await bridge.until(Self.unjournalled, is: 0)
                    try await eventually("only the broker is away", detail: { bridge.process.lastWords }) {
                        try await bridge.readiness()?.reasons.map(\.code) == ["broker_away"]
                    }
                }
                try await scene.broker.start()
                try await eventually("all is well", within: .seconds(90), detail: { bridge.process.lastWords }) {
                    try await bridge.readiness()?.status == "ok"
                }
            }
            // While it caught up, a busy machine may have filled a small spool once more.
            try await bridge.receives(published)
            try await bridge.settles()
            let lost = try await bridge.accounting(.toAMQP).dropped
            let count = published + Self.rate
            try await scene.publisher.publishNumbered(Self.rate, from: published)
            try await bridge.receives(count)
            try await bridge.settles()
            let accounting = try await bridge.accounting(.toAMQP)
            #expect(accounting.received == count)
            #expect(accounting.dropped == lost)
            #expect(accounting.rejected == 0)
            // The spool is looked at once a second.
            try await eventually("nothing is warned of", detail: { bridge.process.lastWords }) {
                try await bridge.readiness()?.warnings.isEmpty ?? false
            }
            try await PlainAMQP.with(url: scene.broker.state.amqpURL) { amqp in
                try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                try await eventually("all but what was lost arrives") {
                    try await amqp.numbers().distinct.count == count - accounting.dropped
                }
                let arrived = try await amqp.numbers()
                #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
            }
            // What could not be written at the time was written later: nothing goes out once more.
            #expect(try await bridge.terminate() == .code(0))
            #expect(try await scene.spool.waiting() == 0)
        }
    }

    @Test(
        "To fedmsg what can't be bridged stays unacknowledged until its dead letter has room, and holds up no others",
        .timeLimit(.minutes(3)),
        arguments: [true, false]
    )
    func toFedmsg(isKilled: Bool) async throws {
        // More than may be unacknowledged.
        let count = 1_200
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await SmallDisk.with(.tmpfs, mebibytes: 32) { disk in
                    var settings = try BridgeSettings(amqpURL: host.url)
                    let endpoint = try settings.toFedmsg()
                    let spool = try KeptSpool(in: disk.folder, for: &settings)
                    settings["spool", "min_free_bytes"] = "0"
                    try await FrameSubscriber.with(connect: endpoint, expecting: .max) { subscriber in
                        try await BridgeProcess.with(settings) { bridge in
                            var before = 0
                            try await AMQPToFedmsg.probe(through: amqp) {
                                before += 1
                                return try await subscriber.probes() > 0
                            }
                            // The last may still be at the broker when the accounts first balance.
                            try await bridge.until(
                                #"fedmsg_bridge_forwarded_total{direction="to_fedmsg"}"#,
                                is: Double(before)
                            )
                            try await disk.fill()
                            try await amqp.publish(exchange: "amq.topic", topic: "no.id", body: Data("{}".utf8))
                            try await amqp.publishNumbered(count)
                            #expect(try await subscriber.numbers(untilAll: count).runs == [[0, count]])
                            try await bridge.until(Self.inHand, is: 1)
                            try await eventually("the broker has one to be acknowledged") {
                                let arguments = [
                                    "-q", "-p", host.name, "list_queues", "messages", "--no-table-headers",
                                ]
                                return try await host.broker.ctl(arguments) == "1"
                            }
                            let accounting = try await bridge.accounting(.toFedmsg)
                            #expect(accounting.forwarded == before + count)
                            #expect(accounting.rejected == 0)
                            #expect(try await bridge.get("/live")?.status == 200)
                            if isKilled {
                                bridge.process.send(SIGKILL)
                                #expect(try await bridge.process.awaitEnd() == .signal(SIGKILL))
                            }
                            try await disk.free()
                            guard !isKilled else { return }
                            try await bridge.settles()
                            #expect(try await bridge.accounting(.toFedmsg).rejected == 1)
                            #expect(try await bridge.deadLetters().map(\.reason) == ["no_id"])
                        }
                        guard isKilled else { return }
                        // It alone comes again.
                        try await BridgeProcess.with(settings) { bridge in
                            try await eventually("it is kept") { try await spool.command("list", "--json").count == 1 }
                            try await bridge.settles()
                            #expect(try await bridge.accounting(.toFedmsg).forwarded == 0)
                        }
                    }
                }
            }
        }
    }

    @Test(
        "To fedmsg what can't be bridged gets one dead letter, however often it is delivered until there is room",
        .timeLimit(.minutes(3))
    )
    func redelivered() async throws {
        try await VirtualHost.with { host in
            try await BrokerUser.with(on: host) { user in
                try await PlainAMQP.with(url: host.url) { amqp in
                    try await SmallDisk.with(.tmpfs, mebibytes: 32) { disk in
                        var settings = try BridgeSettings(amqpURL: user.url)
                        try settings.toFedmsg()
                        _ = try KeptSpool(in: disk.folder, for: &settings)
                        settings["spool", "min_free_bytes"] = "0"
                        try await BridgeProcess.with(settings) { bridge in
                            try await disk.fill()
                            // Two that nothing tells apart are two.
                            for topic in ["one", "two", "two"] {
                                try await amqp.publish(exchange: "amq.topic", topic: topic, body: Data("{}".utf8))
                            }
                            try await bridge.until(Self.inHand, is: 3)
                            for time in 1...2 {
                                try await user.disconnect()
                                try await bridge.until(Self.reconnects, is: Double(time))
                                try await bridge.until(Self.inHand, is: 3)
                            }
                            #expect(try await bridge.accounting(.toFedmsg).rejected == 0)
                            try await disk.free()
                            try await bridge.settles()
                            #expect(try await bridge.accounting(.toFedmsg).rejected == 3)
                            #expect(try await bridge.deadLetters().map(\.topic).sorted() == ["one", "two", "two"])
                        }
                    }
                }
            }
        }
    }

    @Test(
        "A dead letter that is tried again waits for room, and goes out once there is some",
        .timeLimit(.minutes(3))
    )
    func retried() async throws {
        try await withScene(.minFreeBytes) {
            $0["to_amqp", "mandatory"] = "true"
            $0["to_amqp", "exchange"] = "\"lonely\""
            $0["exchanges.lonely", "type"] = "\"topic\""
            $0["exchanges.lonely", "durable"] = "true"
        } _: { scene in
            let bridge = scene.bridge
            try await scene.publisher.publishNumbered(1)
            try await bridge.until(#"fedmsg_bridge_rejected_total{direction="to_amqp",reason="unroutable"}"#, is: 1)
            try await bridge.balances()
            try await PlainAMQP.with(url: scene.broker.state.amqpURL) { amqp in
                try await amqp.declare(queue: "found", boundTo: "lonely")
                try await scene.disk.fill(leaving: Self.minFreeBytes / 2)
                // The first that finds no room tells of it.
                try await scene.publisher.publishNumbered(1, from: 1)
                try await scene.warns("degraded")
                _ = try await scene.spool.command("retry", "--all")
                try await scene.publisher.publishNumbered(100, from: 2)
                try await scene.forwards(101)
                #expect(try await bridge.metric(#"fedmsg_bridge_retried_total{direction="to_amqp"}"#) == 0)
                #expect(try await amqp.depth("found") == 101)
                try await scene.disk.free()
                try await scene.forwards(102)
                try await bridge.settles()
                #expect(try await amqp.depth("found") == 102)
                #expect(try await bridge.deadLetters().isEmpty)
            }
        }
    }

    private struct Scene {
        let broker: RabbitMQ
        let disk: SmallDisk
        let publisher: FedmsgPublisher
        let bridge: BridgeProcess
        let spool: KeptSpool

        func forwards(_ count: Int) async throws {
            try await eventually("\(count) messages are forwarded", detail: { bridge.process.lastWords }) {
                try await bridge.accounting(.toAMQP).forwarded >= count
            }
        }

        func warns(_ code: String) async throws {
            try await eventually("/ready warns of \(code)", detail: { bridge.process.lastWords }) {
                try await bridge.readiness()?.warnings.contains { $0.code == code } ?? false
            }
        }
    }

    /// A bridge to AMQP whose spool is on a small disk, and a broker of its own.
    private func withScene(
        _ cause: Cause,
        _ configure: (inout BridgeSettings) -> Void = { _ in },
        _ body: (Scene) async throws -> Void
    ) async throws {
        try await RabbitMQ.withOwn { broker in
            try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
            }
            try await SmallDisk.with(.tmpfs, mebibytes: 32) { disk in
                try await FedmsgPublisher.with { publisher in
                    var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                    settings.toAMQP(from: [publisher.endpoint])
                    let spool = try KeptSpool(in: disk.folder, for: &settings)
                    settings["spool", "max_memory"] = String(Self.maxMemory)
                    settings["to_amqp", "max_message_bytes"] = "100000"
                    settings["spool", "min_free_bytes"] = cause == .minFreeBytes ? String(Self.minFreeBytes) : "0"
                    if cause == .maxBytes { settings["spool", "max_bytes"] = "4194304" }
                    configure(&settings)
                    try await BridgeProcess.with(settings) { bridge in
                        try await publisher.subscribed()
                        try await body(
                            Scene(broker: broker, disk: disk, publisher: publisher, bridge: bridge, spool: spool)
                        )
                    }
                }
            }
        }
    }
}
