import Foundation
import Testing

@Suite("A disk that hangs, for real")
struct StalledDiskTests {
    private static let rate = 1_000
    private static let unjournalled = "fedmsg_bridge_unjournalled_messages"

    @Test(
        "Receiving goes on in memory and the other direction goes on; order and accounts hold once it answers again",
        .timeLimit(.minutes(4))
    )
    func frozen() async throws {
        let native = 1_000
        try await withScene { scene in
            let bridge = scene.bridge
            let fedmsgs = try await scene.publisher.publishNumbered(perSecond: Self.rate) {
                try await eventually("messages are forwarded") {
                    try await bridge.accounting(.toAMQP).forwarded > 500
                }
                try await scene.disk.freeze()
                try await bridge.untilNotReady(because: "disk_stalled")
                let reason = try await bridge.readiness()?.reasons.first { $0.code == "disk_stalled" }
                #expect(reason?.text.contains("wait in memory") == true, "\(String(describing: reason))")
                try await bridge.expectAgreement(status: "critical", codes: ["disk_stalled"])
                #expect(try await bridge.get("/live")?.status == 200)
                let waiting = try await bridge.metric(Self.unjournalled) ?? 0
                try await eventually("more is received") {
                    try await bridge.metric(Self.unjournalled) ?? 0 > waiting + 2_000
                }
                try await scene.amqp.publishNumbered(native)
                #expect(try await scene.subscriber.numbers(untilAll: native).runs == [[0, native]])
                #expect(try await bridge.get("/live")?.status == 200)
                try await scene.disk.thaw()
                try await bridge.untilReady()
                _ = try await bridge.logged("the disk answers again")
                try await bridge.expectAgreement(status: "ok", codes: [])
            }
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            #expect(try await scene.amqp.numbers(untilAll: fedmsgs).runs == [[0, fedmsgs]])
            try await bridge.settles()
            #expect(try await bridge.accounting(.toAMQP).received == fedmsgs)
        }
    }

    @Test("Past max_memory messages are dropped, counted and told, and no more than those", .timeLimit(.minutes(4)))
    func pastMemory() async throws {
        try await withScene {
            $0["spool", "max_memory"] = "1048576"
            $0["to_amqp", "max_message_bytes"] = "100000"
        } _: { scene in
            let bridge = scene.bridge
            let count = try await scene.publisher.publishNumbered(perSecond: Self.rate) {
                try await eventually("messages are forwarded") {
                    try await bridge.accounting(.toAMQP).forwarded > 500
                }
                try await scene.disk.freeze()
                try await eventually("messages are lost", detail: { bridge.process.lastWords }) {
                    try await bridge.accounting(.toAMQP).dropped > 1_000
                }
                try await bridge.untilNotReady(because: "disk_stalled")
                _ = try await bridge.logged("messages lost")
                try await scene.disk.thaw()
                try await bridge.untilReady()
                let then = try await bridge.accounting(.toAMQP).forwarded
                try await eventually("messages are forwarded again") {
                    try await bridge.accounting(.toAMQP).forwarded > then + 1_000
                }
            }
            try await bridge.receives(count)
            try await bridge.settles()
            let accounting = try await bridge.accounting(.toAMQP)
            #expect(accounting.received == count)
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            try await eventually("all but what was lost arrives") {
                try await scene.amqp.numbers().distinct.count == count - accounting.dropped
            }
            let arrived = try await scene.amqp.numbers()
            #expect(arrived.repeats == 0)
            #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
        }
    }

    private struct Scene {
        let disk: SmallDisk
        let bridge: BridgeProcess
        let amqp: PlainAMQP
        let publisher: FedmsgPublisher
        let subscriber: FrameSubscriber
    }

    /// A bridge of both directions whose spool is on a disk that can hang.
    private func withScene(
        _ configure: (inout BridgeSettings) -> Void = { _ in },
        _ body: (Scene) async throws -> Void
    ) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                try await SmallDisk.with(.ext4, mebibytes: 64) { disk in
                    try await FedmsgPublisher.with { publisher in
                        var settings = try BridgeSettings(amqpURL: host.url)
                        settings.toAMQP(from: [publisher.endpoint])
                        let endpoint = try settings.toFedmsg()
                        settings["spool", "path"] = "\"\(disk.folder.path)/spool.sqlite\""
                        settings["spool", "min_free_bytes"] = "0"
                        configure(&settings)
                        try await FrameSubscriber.with(connect: endpoint, expecting: .max) { subscriber in
                            try await BridgeProcess.with(settings) { bridge in
                                try await publisher.subscribed()
                                try await AMQPToFedmsg.probe(through: amqp) { try await subscriber.probes() > 0 }
                                try await body(
                                    Scene(
                                        disk: disk,
                                        bridge: bridge,
                                        amqp: amqp,
                                        publisher: publisher,
                                        subscriber: subscriber
                                    )
                                )
                            }
                        }
                    }
                }
            }
        }
    }
}
