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

    private static func until(_ bridge: BridgeProcess, isHeld: Bool) async throws {
        try await eventually("/ready says whether it is held", detail: { bridge.process.lastWords }) {
            let warnings = try await bridge.readiness()?.warnings
            return warnings.map { $0.contains { $0.code == "held" } == isHeld } ?? false
        }
    }
}
