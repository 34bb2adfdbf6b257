import Foundation
import Testing

@Suite("Held by a file beside the spool")
struct HoldTests {
    private static let received = #"fedmsg_bridge_received_total{direction="to_amqp"}"#

    @Test(
        "While PATH.hold exists nothing is published or consumed but all is journalled, from the start or from any moment",
        .timeLimit(.minutes(3))
    )
    func held() async throws {
        let count = 300
        try await withTemporaryDirectory { folder in
            let spool = folder.appending(path: "spool.sqlite").path
            let hold = spool + ".hold"
            try Data().write(to: URL(filePath: hold))
            try await FedmsgToAMQP.with {
                $0["spool", "path"] = "\"\(spool)\""
                $0["spool", "drain_timeout"] = "600"
                try $0.toFedmsg()
            } _: { scene in
                let bridge = scene.bridge
                try await Self.until(bridge, isHeld: true)
                try await bridge.expectAgreement(status: "warning", codes: ["held"])
                try await scene.publisher.publishNumbered(count)
                try await bridge.until(Self.received, is: Double(count))
                #expect(try await bridge.accounting(.toAMQP).spooled == count)
                #expect(try await scene.amqp.depth(FedmsgToAMQP.queue) == 0)
                try await scene.amqp.publishNumbered(20)
                let queue = "fedmsg-bridge"
                try await eventually("it waits at the broker") { try await scene.amqp.depth(queue) == 20 }
                #expect(try await scene.amqp.look(at: queue).consumers == 0)

                try FileManager.default.removeItem(atPath: hold)
                try await Self.until(bridge, isHeld: false)
                try await bridge.settles()
                #expect(try await scene.amqp.depth(FedmsgToAMQP.queue) == count)
                try await eventually("what waited at the broker is taken") {
                    try await bridge.accounting(.toFedmsg).received == 20
                }

                try Data().write(to: URL(filePath: hold))
                try await Self.until(bridge, isHeld: true)
                try await eventually("nobody consumes") { try await scene.amqp.look(at: queue).consumers == 0 }
                try await eventually("/ready says so") { try await bridge.readiness()?.consuming == false }
                try await scene.publisher.publishNumbered(count, from: count)
                try await bridge.until(Self.received, is: Double(2 * count))
                #expect(try await bridge.accounting(.toAMQP).spooled == count)
                #expect(try await scene.amqp.depth(FedmsgToAMQP.queue) == count)

                // A stop waits for nothing that may not leave.
                #expect(try await bridge.terminate() == .code(0))
                _ = try await bridge.logged("left_in_spool=\(count)")
            }
        }
    }

    @Test("A dead letter that is tried again towards fedmsg waits as well, and may be dropped", .timeLimit(.minutes(2)))
    func retried() async throws {
        let rejected = #"fedmsg_bridge_rejected_total{direction="to_fedmsg",reason="no_id"}"#
        let retried = #"fedmsg_bridge_retried_total{direction="to_fedmsg"}"#
        try await withTemporaryDirectory { folder in
            var spool: KeptSpool?
            try await AMQPToFedmsg.with {
                spool = try KeptSpool(in: folder, for: &$0)
            } _: { scene in
                for _ in 0..<2 {
                    try await scene.amqp.publish(exchange: "amq.topic", topic: "a.topic", body: Data("{}".utf8))
                }
                try await scene.bridge.until(rejected, is: 2)
                let hold = folder.appending(path: "spool.sqlite.hold")
                try Data().write(to: hold)
                try await Self.until(scene.bridge, isHeld: true)
                _ = try await spool?.command("retry", "--all")
                let last = try await spool?.command("list").last
                let id = try #require(last?.split(separator: " ").first)
                _ = try await spool?.command("drop", String(id))
                // The look that sees this would take the other one up.
                try await scene.bridge.until(#"fedmsg_bridge_dead_letters{direction="to_fedmsg"}"#, is: 1)
                try await scene.bridge.balances()
                #expect(try await scene.bridge.metric(retried) == 0)
                try FileManager.default.removeItem(at: hold)
                try await scene.bridge.until(rejected, is: 3)
                try await scene.bridge.settles()
                #expect(try await scene.bridge.metric(retried) == 1)
            }
        }
    }

    @Test("What libzmq has taken before a hold does not come again after it", .timeLimit(.minutes(3)))
    func repeatsNothing() async throws {
        try await withTemporaryDirectory { folder in
            try await AMQPToFedmsg.with {
                _ = try KeptSpool(in: folder, for: &$0)
                // As after a hold that lasts longer than the window.
                $0["spool", "duplicate_window"] = "0"
            } _: { scene in
                try await FrameSubscriber.with(connect: scene.endpoint, expecting: .max) { subscriber in
                    try await scene.probe { try await subscriber.probes() > 0 }
                    let hold = folder.appending(path: "spool.sqlite.hold")
                    let queue = "fedmsg-bridge"
                    var sent = 0
                    for _ in 0..<5 {
                        try await eventually("it consumes") { try await scene.amqp.look(at: queue).consumers == 1 }
                        try Data().write(to: hold)
                        try await eventually("nobody consumes", every: .zero) {
                            try await scene.amqp.publishNumbered(200, from: sent)
                            sent += 200
                            return try await scene.amqp.look(at: queue).consumers == 0
                        }
                        try FileManager.default.removeItem(at: hold)
                        try await Self.until(scene.bridge, isHeld: false)
                    }
                    let arrived = try await subscriber.numbers(untilAll: sent)
                    #expect(arrived.repeats == 0, "\(arrived.runs)")
                }
            }
        }
    }

    private static func until(_ bridge: BridgeProcess, isHeld: Bool) async throws {
        try await eventually("/ready says whether it is held", detail: { bridge.process.lastWords }) {
            let warnings = try await bridge.readiness()?.warnings
            return warnings.map { $0.contains { $0.code == "held" } == isHeld } ?? false
        }
    }
}
