import AMQP
import Metrics
import MetricsTestKit
import NIOCore
import Synchronization
import Testing

@Suite("AMQPConnection", .timeLimit(.minutes(5)))
struct AMQPConnectionTests {
    @Test("heartbeat=0 in the URI leaves the broker without heartbeats too")
    func withoutHeartbeats() async throws {
        try await VirtualHost.with { host in
            let connection = try await Broker.connect(to: AMQPEndpoint(uri: host.url + "?heartbeat=0"))
            try await connection.openChannel().declare(AMQPQueue.temporary("q"))
            let areOff = try await host.broker.eval(
                """
                [Interval =:= 0 || [{vhost, <<"\(host.name)">>}, {timeout, Interval}] \
                <- rabbit_networking:connection_info_all([vhost, timeout])].
                """
            )
            #expect(areOff == "[true]")
            await connection.close()
        }
    }

    @Test("what is published in batches on the event loop comes back, and one multiple ack settles it")
    func batches() async throws {
        let connection = try await Broker.connect()
        let queue = Broker.name("batches")
        let total = 2000
        let confirmed = Mutex(0)
        let (settled, settledSource) = AsyncStream.makeStream(of: Void.self)
        let handlers = AMQPChannelHandlers(settled: { settlements in
            let now = confirmed.withLock { count in
                for settlement in settlements {
                    guard case .confirmed = settlement.outcome else { Issue.record("\(settlement)"); continue }
                    count += settlement.numbers.count
                }
                return count
            }
            if now == total { settledSource.finish() }
        })
        let publishing = try await connection.openChannel(window: PublishWindow(messages: total), handlers: handlers)
        try await publishing.declare(AMQPQueue.temporary(queue))

        let batch = try await publishing.eventLoop.submit {
            let messages = (0..<total).map { AMQPMessage(routingKey: queue, body: ByteBuffer(string: "message \($0)")) }
            return try publishing.syncOperations.publish(contentsOf: messages)
        }.get()
        #expect(batch.numbers == 1..<UInt64(total + 1))
        #expect(batch.refused.isEmpty)
        for await _ in settled {}

        let consuming = try await connection.openChannel(confirms: false)
        try await consuming.setPrefetch(500)
        let received = Mutex<[String]>([])
        let (arrived, arrivedSource) = AsyncStream.makeStream(of: Void.self)
        let consumer = AMQPConsumerHandlers(deliveries: { deliveries in
            let count = received.withLock { texts in
                texts += deliveries.map { String(buffer: $0.body) }
                return texts.count
            }
            #expect(throws: Never.self) {
                if let last = deliveries.last { try consuming.syncOperations.ack(through: last.tag) }
            }
            if count == total { arrivedSource.finish() }
        })
        try await consuming.consume(queue, tag: "c", handlers: consumer)
        for await _ in arrived {}
        #expect(received.withLock { $0 } == (0..<total).map { "message \($0)" })
        try await consuming.cancel("c")
        #expect(try await consuming.declare(AMQPQueue.temporary(queue)).messageCount == 0)
        try await consuming.close()
        await connection.close()
    }

    @Test("what becomes of messages is counted")
    func metrics() async throws {
        let metrics = TestMetrics()
        let connection = try await withMetricsFactory(metrics) { try await Broker.connect() }
        let channel = try await connection.openChannel()
        let queue = Broker.name("counted")
        try await channel.declare(AMQPQueue.temporary(queue))
        for _ in 1...4 { try await channel.publish(AMQPMessage("x", to: queue)) }
        var stray = AMQPMessage("x", to: Broker.name("nobody"))
        stray.mandatory = true
        await #expect(throws: PublishError.self) { try await channel.publish(stray) }
        for settle in [true, false, nil] {
            let delivery = try #require(try await channel.get(queue)).delivery
            if settle == true { try await delivery.ack() }
            if settle == false { try await delivery.reject(requeue: false) }
        }
        let last = try #require(try await channel.get(queue)).delivery
        try await channel.eventLoop.submit { try channel.syncOperations.ack(through: last.tag) }.get()
        await connection.close()
        let counts = ["published": 5, "confirmed": 4, "returned": 1, "delivered": 4, "acknowledged": 3, "rejected": 1]
        for (event, count) in counts {
            #expect(try metrics.expectCounter("amqp_client_\(event)_total").totalValue == count, "\(event)")
        }
    }

    @Test("a wrong password and a wrong virtual host are named")
    func refusals() async throws {
        var endpoint = try await Broker.endpoint()
        endpoint.credentials = .plain(username: "guest", password: "wrong")
        let refused = await #expect(throws: AMQPError.self) { try await Broker.connect(to: endpoint) }
        #expect(refused?.code == .authenticationRefused)
        #expect(refused?.reply?.code == .accessRefused)

        endpoint = try await Broker.endpoint()
        endpoint.virtualHost = "nowhere"
        let missing = await #expect(throws: AMQPError.self) { try await Broker.connect(to: endpoint) }
        #expect(missing?.code == .virtualHostRefused)

        endpoint = try await Broker.endpoint()
        endpoint.credentials = .external
        let mechanism = await #expect(throws: AMQPError.self) { try await Broker.connect(to: endpoint) }
        #expect(mechanism?.code == .noCommonMechanism)
    }

    @Test("a refused declaration closes its channel and fails what waits on it, and nothing else")
    func channelError() async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel()
        let queue = Broker.name("missing")
        let error = await #expect(throws: AMQPError.self) {
            try await channel.declare(AMQPQueue(queue), passive: true)
        }
        #expect(error?.code == .channelClosedByBroker)
        #expect(error?.reply?.code == .notFound)
        #expect(error?.subject == .queue(queue))
        #expect(await connection.failure == nil)
        _ = try await connection.openChannel()
        await connection.close()
        #expect(await connection.failure?.code == .connectionClosed)
    }
}
