import Foundation
import Testing

@Suite("Connections to the broker that break")
struct ConnectionFaultTests {
    private static let queue = "fedmsg-bridge"

    @Test(
        "Nothing is lost and order holds, both ways, where a connection ends or falls silent under load",
        .timeLimit(.minutes(3)),
        arguments: [FaultProxy.Verdict.finish, .finishAmid, .reset, .blackHole]
    )
    func broken(fault: FaultProxy.Verdict) async throws {
        let native = 6_000
        try await withProxiedBridge { scene in
            let fedmsgs = try await scene.publisher.publishNumbered(perSecond: 1_000) {
                try await scene.amqp.publishNumbered(native)
                try await eventually("messages are forwarded") {
                    try await scene.bridge.accounting(.toAMQP).forwarded > 500
                }
                // A publish, then a delivery, is hit amid others.
                scene.proxy.set { $0.direction == .toBroker && $0.isMethod(60, 40) ? fault : .forward }
                try await scene.reconnects(.toAMQP)
                scene.proxy.set { $0.direction == .toClient && $0.isMethod(60, 60) ? fault : .forward }
                try await scene.amqp.publishNumbered(native, from: native)
                try await scene.reconnects(.toFedmsg)
                try await scene.bridge.untilReady()
            }
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            let toAMQP = try await scene.amqp.numbers(untilAll: fedmsgs)
            #expect(toAMQP.isInOrderApartFromRepeats, "\(toAMQP.runs)")
            let toFedmsg = try await scene.subscriber.numbers(untilAll: 2 * native)
            // What came again from the broker was on the bus already.
            #expect(toFedmsg.runs == [[0, 2 * native]])
            try await scene.bridge.settles()
        }
    }

    private struct Scene {
        let proxy: FaultProxy
        let bridge: BridgeProcess
        let amqp: PlainAMQP
        let publisher: FedmsgPublisher
        let subscriber: FrameSubscriber

        func reconnects(_ direction: Accounting.Direction) async throws {
            let name = "fedmsg_bridge_amqp_reconnects_total{direction=\"\(direction.rawValue)\"}"
            try await eventually("it connects again, \(direction.rawValue)", detail: { bridge.process.lastWords }) {
                try await bridge.metric(name) ?? 0 > 0
            }
        }
    }

    /// A bridge of both directions that reaches the broker through a proxy, with a heartbeat every second.
    private func withProxiedBridge(_ body: (Scene) async throws -> Void) async throws {
        try await VirtualHost.with { host in
            try await FaultProxy.with(brokerPort: host.broker.state.amqpPort) { proxy, port in
                try await PlainAMQP.with(url: host.url) { amqp in
                    try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                    try await amqp.declare(queue: Self.queue, boundTo: "amq.topic", .bridge)
                    try await FedmsgPublisher.with { publisher in
                        let url = "amqp://guest:guest@127.0.0.1:\(port)/\(host.name)?heartbeat=1"
                        var settings = try BridgeSettings(amqpURL: url)
                        settings.toAMQP(from: [publisher.endpoint])
                        let endpoint = try settings.toFedmsg()
                        try await FrameSubscriber.with(connect: endpoint, expecting: .max) { subscriber in
                            try await BridgeProcess.with(settings) { bridge in
                                try await publisher.subscribed()
                                try await AMQPToFedmsg.probe(through: amqp) { try await subscriber.probes() > 0 }
                                try await body(
                                    Scene(
                                        proxy: proxy,
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
