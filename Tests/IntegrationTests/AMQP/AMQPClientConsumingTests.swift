import AMQP
import NIOCore
import Testing

@Suite("AMQPClient consuming", .timeLimit(.minutes(1)))
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
}
