import AMQP
import Metrics
import MetricsTestKit
import NIOCore
import Synchronization
import Testing

/// Faults at exact points of the dialogue with a real broker.
@Suite("AMQPClient through faults", .timeLimit(.minutes(2)))
struct AMQPFaultTests {
    @Test(
        "a confirm that is lost leaves the outcome unknown, and the message at the broker",
        arguments: [
            (FaultProxy.Verdict.reset, false), (.finish, false), (.finishAmid, false), (.reset, true),
        ]
    )
    func lostConfirm(verdict: FaultProxy.Verdict, resending: Bool) async throws {
        try await withProxy { proxy, configuration, queue in
            try await TestClient.with(configuration, publishing: AMQPTopology(queues: [queue])) { client, events in
                proxy.set { $0.isMethod(60, 80) ? verdict : .forward }
                let message = AMQPMessage("x", to: queue.name)
                if resending {
                    try await client.publish(message, resendingUnknown: true)
                } else {
                    let error = await #expect(throws: PublishError.self) { try await client.publish(message) }
                    guard case .outcomeUnknown(let cause) = error else { throw try #require(error) }
                    #expect(cause.code == .connectionLost)
                }
                let left = try await client.withChannel { try await $0.declare(queue, passive: true) }
                #expect(left.messageCount == (resending ? 2 : 1))
                #expect(events.generation(.publishing) == 2)
            }
        }
    }

    @Test("deliveries that come before consume-ok are handled")
    func earlyDeliveries() async throws {
        try await withProxy { proxy, configuration, queue in
            let inbox = Inbox()
            try await TestClient.with(configuration, topology: AMQPTopology(queues: [queue])) { client, events in
                try await client.publish(AMQPMessage("early", to: queue.name))
                proxy.set { $0.isMethod(60, 21) ? .hold : .forward }
                try await client.startConsumer(
                    queue.name,
                    handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
                )
                try await inbox.awaitBodies("the message") { $0 == ["early"] }
                #expect(events.consumerStarts == 0)
                try await inbox.deliveries[0].ack()
                try await proxy.release()
                try await eventually("a consumer") { events.consumerStarts == 1 }
            }
        }
    }

    @Test(
        "a peer that is gone without a word is noticed by its silence",
        arguments: [
            FaultProxy.Verdict.blackHole, .stall,
        ]
    )
    func silence(verdict: FaultProxy.Verdict) async throws {
        try await withProxy { proxy, configuration, queue in
            var configuration = configuration
            configuration.heartbeat = .seconds(4)
            try await TestClient.with(configuration, publishing: AMQPTopology(queues: [queue])) { client, events in
                try await client.publish(AMQPMessage("before", to: queue.name))
                proxy.set { $0.direction == .toClient ? verdict : .forward }
                try await client.publish(AMQPMessage("after", to: queue.name), resendingUnknown: true)
                let error = try await events.first("the loss") { event in
                    if case .lost(_, let error, 1) = event { error } else { nil }
                }
                #expect(error.code == .heartbeatMissed)
                #expect(proxy.accepted >= 2)
            }
        }
    }

    @Test("is not kept from publishing by a broker that stops reading and hangs up in the end")
    func unread() async throws {
        try await withProxy { proxy, configuration, queue in
            var configuration = configuration
            configuration.heartbeat = .seconds(4)
            try await TestClient.with(configuration, publishing: AMQPTopology(queues: [queue])) { client, events in
                try await client.publish(AMQPMessage("before", to: queue.name))
                proxy.set { $0.isMethod(60, 40) ? .stall : .forward }
                try await client.publish(AMQPMessage("after", to: queue.name), resendingUnknown: true)
                let left = try await client.withChannel { try await $0.declare(queue, passive: true) }
                #expect(left.messageCount == 2)
                #expect(events.generation(.publishing) == 2)
            }
        }
    }

    @Test("a consumer that nobody waits for any more is cancelled once it has started, and its tag is free again")
    func abandonedConsume() async throws {
        try await withProxy { proxy, configuration, queue in
            let connection = try await Broker.connect(to: configuration.endpoints[0])
            let channel = try await connection.openChannel()
            try await channel.declare(queue)
            let isHeld = Mutex(false)
            proxy.set { frame in
                guard frame.isMethod(60, 21) else { return .forward }
                isHeld.withLock { $0 = true }
                return .hold
            }
            let handlers = AMQPConsumerHandlers(deliveries: { _ in })
            let starting = Task { try await channel.consume(queue.name, tag: "c", handlers: handlers) }
            try await eventually("consume-ok") { isHeld.withLock { $0 } }
            starting.cancel()
            let error = await #expect(throws: AMQPError.self) { try await starting.value }
            #expect(error?.code == .cancelled)
            proxy.set { _ in .forward }
            try await proxy.release()
            try await eventually("the tag") {
                (try? await channel.consume(queue.name, tag: "c", handlers: handlers)) != nil
            }
            #expect(try await channel.declare(queue, passive: true).consumerCount == 1)
            await connection.close()
        }
    }

    @Test(
        "a loss amid the recovery from a loss is recovered from: one connection each, one consumer, and publishing goes on",
        arguments: [
            ("connection.open-ok", 10, 41), ("channel.open-ok", 20, 11), ("queue.declare-ok", 50, 11),
            ("basic.consume-ok", 60, 21), ("confirm.select-ok", 85, 11),
        ] as [(String, UInt16, UInt16)]
    )
    func lossAmidRecovery(name: String, classID: UInt16, methodID: UInt16) async throws {
        try await VirtualHost.with { host in
            try await FaultProxy.with(brokerPort: host.broker.state.amqpPort) { proxy, port in
                var configuration = try TestClient.configuration(host.url)
                configuration.endpoints[0].port = port
                let queue = AMQPQueue("q")
                let inbox = Inbox()
                try await TestClient.with(configuration, topology: AMQPTopology(queues: [queue])) { client, events in
                    try await client.startConsumer(
                        "q",
                        handlers: AMQPConsumerHandlers(deliveries: { deliveries in
                            for delivery in deliveries {
                                inbox.append(delivery)
                                try? delivery.channel.syncOperations.ack(delivery.tag)
                            }
                        })
                    )
                    try await eventually("a consumer") { events.consumerStarts == 1 }
                    try await client.publish(AMQPMessage("before", to: "q"))
                    let before = proxy.accepted
                    proxy.set { $0.isMethod(classID, methodID) ? .reset : .forward }
                    try await host.broker.ctl("close_all_connections", "--vhost", host.name, "maintenance")
                    // Two come back, and one of them once more.
                    try await eventually("the reset", detail: { "\(events.all)" }) { proxy.accepted == before + 3 }
                    try await client.publish(AMQPMessage("after", to: "q"))
                    // The broker may yet send to the connection that was reset, and takes back what is not acknowledged.
                    try await inbox.awaitBodies("both") { Set($0) == ["before", "after"] }
                    // Deliveries may come before consume-ok.
                    try await eventually("a consumer again") { events.consumerStarts == 2 }
                    let state = try await client.withChannel { try await $0.declare(queue, passive: true) }
                    #expect(state.consumerCount == 1)
                    try await eventually("two connections") { try await host.connections == 2 }
                    #expect(proxy.accepted == before + 3)
                }
            }
        }
    }

    @Test(
        "a task that consumes takes deliveries, and is let go at the end, though the first start failed",
        arguments: [
            // Declaring opens a channel before.
            ("channel.open-ok", 20, 11, 2, .reset), ("basic.qos-ok", 60, 11, 1, .reset),
            ("basic.consume-ok", 60, 21, 1, .hold),
        ] as [(String, UInt16, UInt16, Int, FaultProxy.Verdict)]
    )
    func failedStart(name: String, classID: UInt16, methodID: UInt16, which: Int, verdict: FaultProxy.Verdict)
        async throws
    {
        try await withProxy { proxy, configuration, queue in
            var configuration = configuration
            if case .hold = verdict { configuration.replyTimeout = .seconds(1) }
            let count = Mutex(0)
            proxy.set { frame in
                guard frame.isMethod(classID, methodID) else { return .forward }
                return count.withLock { count in
                    count += 1
                    return count == which ? verdict : .forward
                }
            }
            let inbox = Inbox()
            try await TestClient.with(configuration, consuming: AMQPTopology(queues: [queue])) { client, events in
                let consuming = Task {
                    try await client.consume(queue.name) { delivery in
                        inbox.append(delivery)
                        try? await delivery.ack()
                    }
                }
                try await eventually("a consumer", detail: { "\(events.all)" }) { events.consumerStarts == 1 }
                #expect(count.withLock { $0 } >= which)
                let connection = try await Broker.connect()
                try await connection.openChannel().publish(AMQPMessage("x", to: queue.name))
                await connection.close()
                try await inbox.awaitBodies("the message") { $0 == ["x"] }
                await client.close()
                try await consuming.value
            }
        }
    }

    @Test("a consumer that is resumed before its pause is over goes on")
    func resumedAmidPause() async throws {
        try await withProxy { proxy, configuration, queue in
            try await TestClient.with(configuration, consuming: AMQPTopology(queues: [queue])) { client, events in
                let handlers = AMQPConsumerHandlers(deliveries: { _ in })
                let consumer = try await client.startConsumer(queue.name, handlers: handlers)
                try await eventually("a consumer") { events.consumerStarts == 1 }
                proxy.set { $0.isMethod(20, 41) ? .hold : .forward }
                let pausing = Task { await consumer.pause() }
                try await eventually("close-ok") { proxy.held == 1 }
                await consumer.resume()
                try await eventually("another consumer") { events.consumerStarts == 2 }
                proxy.set { _ in .forward }
                try await proxy.release()
                await pausing.value
                #expect(await consumer.isRunning)
                #expect(!events.all.contains { if case .consumerInterrupted = $0 { true } else { false } })
            }
        }
    }

    @Test("a consumer that is paused and resumed while it starts begins anew, as after no fault")
    func resumedAmidStart() async throws {
        try await withProxy { proxy, configuration, queue in
            let gate = Gate()
            try await TestClient.with(configuration, consuming: AMQPTopology(queues: [queue])) { client, events in
                let consumer = try await client.startConsumer(
                    queue.name,
                    starting: { await gate.pass() },
                    handlers: AMQPConsumerHandlers(deliveries: { _ in })
                )
                try await eventually("its start") { gate.arrivals == 1 }
                proxy.set { $0.isMethod(20, 41) ? .hold : .forward }
                await consumer.pause()
                gate.open()
                try await eventually("close-ok") { proxy.held == 1 }
                await consumer.resume()
                proxy.set { _ in .forward }
                try await proxy.release()
                try await eventually("its second start") { gate.arrivals == 2 }
                gate.open()
                try await eventually("a consumer") { events.consumerStarts == 1 }
                #expect(!events.all.contains { if case .consumerInterrupted = $0 { true } else { false } })
            }
        }
    }

    @Test("a publish whose task is cancelled after it went out is unknown, and the others hear of their own confirms")
    func cancelledPublish() async throws {
        try await withProxy { proxy, configuration, queue in
            let connection = try await Broker.connect(to: configuration.endpoints[0])
            let channel = try await connection.openChannel()
            try await channel.declare(queue)
            proxy.set { $0.isMethod(60, 80) ? .hold : .forward }
            let publishing = (1...3).map { number in
                Task { try await channel.publish(AMQPMessage("\(number)", to: queue.name)) }
            }
            let other = try await connection.openChannel()
            try await eventually("all three at the broker") {
                try await other.declare(queue, passive: true).messageCount == 3
            }
            publishing[1].cancel()
            let error = await #expect(throws: PublishError.self) { try await publishing[1].value }
            guard case .outcomeUnknown(let cause) = error else { throw try #require(error) }
            #expect(cause.code == .cancelled)
            proxy.set()
            try await proxy.release()
            try await publishing[0].value
            try await publishing[2].value
            try await channel.publish(AMQPMessage("4", to: queue.name))
            #expect(try await other.declare(queue, passive: true).messageCount == 4)
            await connection.close()
        }
    }

    @Test("a consumer that takes nothing is not flooded: reading stops, and the silence then is not the broker's")
    func idleConsumer() async throws {
        try await withProxy { proxy, configuration, queue in
            var configuration = configuration
            configuration.heartbeat = .seconds(4)
            configuration.limits.maxBufferedDeliveryBytes = 1 << 20
            let metrics = TestMetrics()
            let connection = try await withMetricsFactory(metrics) {
                try await Broker.connect(configuration: configuration)
            }
            let channel = try await connection.openChannel()
            try await channel.declare(queue)
            // More than sockets hold.
            let message = AMQPMessage(routingKey: queue.name, body: ByteBuffer(repeating: 0, count: 1 << 20))
            for result in await channel.publish(contentsOf: Array(repeating: message, count: 64)) { try result.get() }
            let taken = try await channel.withConsumer(queue.name, needsSettlement: false) { deliveries in
                // Another connection that hears nothing is dead by then.
                let other = try await Broker.connect(to: configuration.endpoints[0], configuration: configuration)
                proxy.set { $0.direction == .toClient ? .blackHole : .forward }
                #expect(await other.closed().code == .heartbeatMissed)
                #expect(await connection.failure == nil)
                #expect(try metrics.expectCounter("amqp_client_delivered_total").totalValue < 8)
                var taken = 0
                for try await delivery in deliveries {
                    taken += delivery.body.readableBytes >> 20
                    if taken == 64 { break }
                }
                return taken
            }
            #expect(taken == 64)
            await connection.close()
        }
    }

    private func withProxy(
        _ body: (FaultProxy, AMQPConfiguration, AMQPQueue) async throws -> Void
    ) async throws {
        let broker = try await RabbitMQ.shared.value
        let queue = AMQPQueue(Broker.name("fault"), arguments: ["x-expires": .int64(60_000)])
        try await FaultProxy.with(brokerPort: broker.state.amqpPort) { proxy, port in
            let configuration = try TestClient.configuration("amqp://guest:guest@127.0.0.1:\(port)")
            try await body(proxy, configuration, queue)
        }
    }
}
