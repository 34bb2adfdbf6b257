import AMQP
import NIOCore
import Testing

@Suite("AMQPClient consuming", .timeLimit(.minutes(5)))
struct AMQPClientConsumingTests {
    private func configuration() async throws -> AMQPConfiguration {
        try TestClient.configuration(try await RabbitMQ.shared.value.state.amqpURL)
    }

    @Test("from a stream without settlement, for which the broker closes the connection, fails")
    func streamWithoutSettlement() async throws {
        let queue = AMQPQueue(Broker.name("stream"), arguments: .stream)
        try await TestClient.with(configuration(), topology: AMQPTopology(queues: [queue])) { client, events in
            let error = await #expect(throws: AMQPError.self) {
                try await client.consume(queue.name, options: AMQPConsumerOptions(needsSettlement: false)) { _ in }
            }
            #expect(error?.reply?.code == .notImplemented, "\(events.all)")
            try await client.deleteQueue(queue.name)
        }
    }

    @Test("a task acknowledges each tenth delivery, and with it those before")
    func ackThrough() async throws {
        let queue = AMQPQueue(Broker.name("through"), arguments: ["x-expires": .int64(60_000)])
        try await TestClient.with(configuration(), topology: AMQPTopology(queues: [queue])) { client, _ in
            let messages = (1...30).map { AMQPMessage("\($0)", to: queue.name) }
            let results = try await client.withChannel { await $0.publish(contentsOf: messages) }
            for result in results { try result.get() }
            let (ends, newEnds) = AsyncStream.makeStream(of: Void.self)
            let consuming = Task {
                try await client.consume(queue.name, options: AMQPConsumerOptions(prefetch: 10)) { delivery in
                    guard delivery.tag % 10 == 0 else { return }
                    await #expect(throws: Never.self) { try await delivery.ackThrough() }
                    if delivery.tag == 30 { newEnds.finish() }
                }
            }
            for await _ in ends {}
            consuming.cancel()
            try await consuming.value
            let left = try await client.withChannel { try await $0.declare(queue, passive: true) }
            #expect(left.messageCount == 0)
        }
    }

    @Test("a task gives back a delivery, and with it those before")
    func nackThrough() async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel()
        let queue = Broker.name("through")
        try await channel.declare(AMQPQueue.temporary(queue))
        for number in 1...3 { try await channel.publish(AMQPMessage("\(number)", to: queue)) }
        try await channel.withConsumer(queue) { deliveries in
            var iterator = deliveries.makeAsyncIterator()
            for _ in 1...2 { _ = try await iterator.next() }
            try await iterator.next()?.nackThrough(requeue: true)
            var again: [String] = []
            for _ in 1...3 {
                let delivery = try #require(try await iterator.next())
                #expect(delivery.redelivered)
                again.append(String(buffer: delivery.body))
            }
            #expect(again == ["1", "2", "3"])
        }
        await connection.close()
    }
}
