import AMQP
import NIOCore
import Testing

@Suite("AMQPTransaction", .timeLimit(.minutes(5)))
struct AMQPTransactionTests {
    private struct Abandoned: Error {}

    /// A connection with a queue of its own, and another channel that looks into it.
    private func withQueue(_ body: (AMQPConnection, String, AMQPChannel) async throws -> Void) async throws {
        let connection = try await Broker.connect()
        let queue = Broker.name("transaction")
        let channel = try await connection.openChannel()
        try await channel.declare(.temporary(queue))
        try await body(connection, queue, channel)
        await connection.close()
    }

    @Test("what it publishes is in the queue when it has returned, and not before")
    func commit() async throws {
        try await withQueue { connection, queue, channel in
            let value = try await connection.transaction { transaction in
                for number in 1...1500 { try await transaction.publish(AMQPMessage("\(number)", to: queue)) }
                #expect(try await channel.declare(.temporary(queue), passive: true).messageCount == 0)
                return "done"
            }
            #expect(value == "done")
            #expect(try await channel.declare(.temporary(queue), passive: true).messageCount == 1500)
        }
    }

    @Test("what it throws rolls back: nothing is published, and what it got and settled goes back")
    func rollback() async throws {
        try await withQueue { connection, queue, channel in
            try await channel.publish(AMQPMessage("in", to: queue))
            await #expect(throws: Abandoned.self) {
                try await connection.transaction { transaction in
                    let got = try #require(try await transaction.get(queue))
                    try await got.delivery.ack()
                    try await transaction.publish(AMQPMessage("out", to: queue))
                    throw Abandoned()
                }
            }
            let got = try #require(try await channel.get(queue))
            #expect(String(buffer: got.delivery.body) == "in")
            #expect(got.messageCount == 0)
        }
    }

    @Test("a message that it takes and the one that it puts in its place change together")
    func exchange() async throws {
        try await withQueue { connection, queue, channel in
            try await channel.publish(AMQPMessage("in", to: queue))
            try await connection.transaction { transaction in
                let got = try #require(try await transaction.get(queue))
                try await transaction.publish(AMQPMessage("out", to: queue))
                try await got.delivery.ack()
            }
            let got = try #require(try await channel.get(queue))
            #expect(String(buffer: got.delivery.body) == "out")
            #expect(got.messageCount == 0)
        }
    }

    @Test("a publish that the broker refuses fails the commit, and nothing is committed")
    func refused() async throws {
        try await withQueue { connection, queue, channel in
            let error = await #expect(throws: AMQPError.self) {
                try await connection.transaction { transaction in
                    try await transaction.publish(AMQPMessage("in", to: queue))
                    try await transaction.publish(
                        AMQPMessage(exchange: "missing", routingKey: "", body: ByteBuffer(string: "x"))
                    )
                }
            }
            #expect(error?.code == .channelClosedByBroker)
            #expect(error?.reply?.cause == .exchangeMissing("missing"))
            let found = try await channel.declare(.temporary(queue), passive: true)
            #expect(found.messageCount == 0)
        }
    }

    @Test("mandatory messages are refused here; a client's transaction waits for its connection")
    func client() async throws {
        let queue = Broker.name("transaction")
        let configuration = try await TestClient.configuration(RabbitMQ.shared.value.state.amqpURL)
        try await TestClient.with(configuration, publishing: AMQPTopology(queues: [.temporary(queue)])) { client, _ in
            try await client.transaction { transaction in
                var message = AMQPMessage("1", to: queue)
                message.mandatory = true
                let refused = message
                let error = await #expect(throws: AMQPError.self) { try await transaction.publish(refused) }
                #expect(error?.code == .invalidArgument)
                try await transaction.publish(AMQPMessage("2", to: queue))
            }
            try await client.withChannel { channel in
                let got = try #require(try await channel.get(queue, needsSettlement: false))
                #expect(String(buffer: got.delivery.body) == "2")
            }
        }
    }
}
