import Logging
import NIOCore
import Testing

@testable import AMQP

@Suite("The close of a client", .timeLimit(.minutes(5)))
struct AMQPClientClosingTests {
    private static let message = AMQPMessage(routingKey: "q", body: ByteBuffer())

    private func client() throws -> AMQPClient {
        try AMQPClient(configuration: AMQPConfiguration(), logger: Logger(label: "test"))
    }

    @Test("that never ran ends all waits, and its events")
    func neverRan() async throws {
        let client = try client()
        let publishing = Task { try await client.publish(Self.message) }
        let asking = Task { try await client.request(Self.message, within: .seconds(3600)) }
        while await client.requests == nil { await Task.yield() }
        await client.close()
        let unsent = await #expect(throws: PublishError.self) { try await publishing.value }
        guard case .notSent(let cause) = unsent else { throw try #require(unsent) }
        #expect(cause.code == .shutDown)
        let unasked = await #expect(throws: AMQPRequestError.self) { try await asking.value }
        guard case .publishFailed(.notSent(let cause)) = unasked else { throw try #require(unasked) }
        #expect(cause.code == .shutDown)
        for await _ in client.events {}
    }

    @Test("leaves no consumer or publisher that would never start, nor a task that waits for one")
    func lateConsumer() async throws {
        let client = try client()
        await client.close()
        let error = await #expect(throws: AMQPError.self) {
            try await client.startConsumer("q", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
        }
        #expect(error?.code == .shutDown)
        let publisher = await #expect(throws: AMQPError.self) {
            try await client.keepPublishingChannel(opened: { _ in }, handlers: AMQPChannelHandlers())
        }
        #expect(publisher?.code == .shutDown)
        try await client.consume("q") { _ in }
        #expect(await client.consumers.isEmpty)
    }

    @Test("knows nothing of a consumer that was stopped, whether or not the client ran")
    func stoppedConsumer() async throws {
        let client = try AMQPClient(
            configuration: AMQPConfiguration(),
            publishing: nil,
            consuming: AMQPTopology(queues: [AMQPQueue("q", autoDelete: true)]),
            logger: Logger(label: "test")
        )
        let consumer = try await client.startConsumer("q", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
        await consumer.stop()
        #expect(await client.consumers.isEmpty)
        // As the client does that runs only now: its queue is not declared for nobody.
        try await consumer.run()
        #expect(await client.consuming?.topology.queues == [])
        await client.close()
    }

    @Test("is not what a call is told that needs a connection which the client was made without")
    func withoutConnection() async throws {
        let client = try AMQPClient(
            configuration: AMQPConfiguration(),
            publishing: nil,
            consuming: nil,
            logger: Logger(label: "test")
        )
        let handlers = AMQPConsumerHandlers(deliveries: { _ in })
        var errors: [AMQPError?] = []
        for role in AMQPConnectionRole.allCases {
            errors.append(await #expect(throws: AMQPError.self) { try await client.withChannel(on: role) { _ in } })
            errors.append(await #expect(throws: AMQPError.self) { try await client.transaction(on: role) { _ in } })
        }
        errors.append(await #expect(throws: AMQPError.self) { try await client.deleteQueue("q") })
        errors.append(await #expect(throws: AMQPError.self) { try await client.deleteExchange("x") })
        errors.append(await #expect(throws: AMQPError.self) { try await client.consume("q") { _ in } })
        errors.append(await #expect(throws: AMQPError.self) { try await client.startConsumer("q", handlers: handlers) })
        errors.append(
            await #expect(throws: AMQPError.self) {
                try await client.keepPublishingChannel(opened: { _ in }, handlers: AMQPChannelHandlers())
            }
        )
        let unsent = await #expect(throws: PublishError.self) { try await client.publish(Self.message) }
        guard case .notSent(let cause) = unsent else { throw try #require(unsent) }
        errors.append(cause)
        let unasked = await #expect(throws: AMQPRequestError.self) { try await client.request(Self.message) }
        guard case .publishFailed(.notSent(let reason)) = unasked else { throw try #require(unasked) }
        errors.append(reason)
        for error in errors { #expect(error?.code == .invalidConfiguration, "\(error as Any)") }
    }
}
