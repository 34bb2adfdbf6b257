import AMQP
import NIOCore
import Testing

@Suite("AMQPChannel consuming", .timeLimit(.minutes(5)))
struct AMQPConsumingTests {
    private func queueWith(_ count: Int, on connection: AMQPConnection) async throws -> String {
        let queue = Broker.name("consuming")
        let channel = try await connection.openChannel()
        try await channel.declare(AMQPQueue.temporary(queue))
        let messages = (0..<count).map { AMQPMessage(routingKey: queue, body: ByteBuffer(string: "\($0)")) }
        for result in await channel.publish(contentsOf: messages) { try result.get() }
        try await channel.close()
        return queue
    }

    @Test("a task takes deliveries one by one; what it leaves goes back to the queue")
    func sequence() async throws {
        let connection = try await Broker.connect()
        let queue = try await queueWith(50, on: connection)
        let channel = try await connection.openChannel(confirms: false)
        try await channel.setPrefetch(10)
        try await channel.withConsumer(queue) { deliveries in
            var count = 0
            for try await delivery in deliveries {
                #expect(String(buffer: delivery.body) == "\(count)")
                try await delivery.ack()
                count += 1
                if count == 20 { break }
            }
        }
        var left: [String] = []
        while let (delivery, _) = try await channel.get(queue) { left.append(String(buffer: delivery.body)) }
        #expect(left.sorted() == (20..<50).map { "\($0)" })
        await connection.close()
    }

    @Test("a cancelled task's sequence ends, and the consumer with it")
    func cancellation() async throws {
        let connection = try await Broker.connect()
        let queue = try await queueWith(1, on: connection)
        let channel = try await connection.openChannel(confirms: false)
        let (started, source) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await channel.withConsumer(queue) { deliveries in
                var count = 0
                for try await _ in deliveries {
                    count += 1
                    source.finish()
                }
                return count
            }
        }
        for await _ in started {}
        task.cancel()
        #expect(try await task.value == 1)
        #expect(try await channel.declare(AMQPQueue.temporary(queue)).consumerCount == 0)
        await connection.close()
    }

    @Test("a message whose headers are 10,000 tables deep, which the broker takes, arrives and is rejected alone")
    func poison() async throws {
        let connection = try await Broker.connect()
        let queue = Broker.name("poison")
        let channel = try await connection.openChannel()
        try await channel.declare(AMQPQueue.temporary(queue))
        var headers = ByteBuffer()
        for level in (0..<10_000 as Range<UInt32>).reversed() {
            headers.writeBytes([1, UInt8(ascii: "k"), UInt8(ascii: "F")])
            headers.writeInteger(level * 7)
        }
        let properties = AMQPBasicProperties(headers: AMQPHeaders(encoded: headers), messageID: "deep")
        try await channel.publish(AMQPMessage(routingKey: queue, properties: properties, body: ByteBuffer()))
        try await channel.publish(AMQPMessage(routingKey: queue, body: ByteBuffer(string: "next")))
        try await channel.withConsumer(queue) { deliveries in
            var iterator = deliveries.makeAsyncIterator()
            let deep = try #require(try await iterator.next())
            #expect(deep.properties.messageID == "deep")
            #expect(throws: AMQPCodingError.self) { try deep.properties.headers?.table() }
            #expect(try deep.properties.headers?.encoded() == headers)
            try await deep.reject(requeue: false)
            let next = try #require(try await iterator.next())
            #expect(String(buffer: next.body) == "next")
            try await next.ack()
        }
        await connection.close()
    }

    @Test("a deleted queue ends the sequence with an error")
    func deletedQueue() async throws {
        let connection = try await Broker.connect()
        let queue = try await queueWith(1, on: connection)
        let channel = try await connection.openChannel(confirms: false)
        let error = await #expect(throws: AMQPError.self) {
            try await channel.withConsumer(queue) { deliveries in
                for try await delivery in deliveries {
                    try await delivery.ack()
                    try await channel.deleteQueue(queue)
                }
            }
        }
        #expect(error?.code == .consumerCancelledByBroker)
        await connection.close()
    }

    @Test("a second settlement, and one over a channel that is gone, are errors here and nothing there")
    func settlements() async throws {
        let connection = try await Broker.connect()
        let queue = try await queueWith(2, on: connection)
        let channel = try await connection.openChannel(confirms: false)
        let first = try #require(try await channel.get(queue)?.delivery)
        let second = try #require(try await channel.get(queue)?.delivery)
        try await first.ack()
        let again = await #expect(throws: AMQPError.self) { try await first.reject(requeue: false) }
        #expect(again?.code == .deliveryAlreadySettled)
        try await channel.close()
        let successor = try await connection.openChannel(confirms: false)
        #expect(successor.number == channel.number)
        let stale = await #expect(throws: AMQPError.self) { try await second.ack() }
        #expect(stale?.code == .staleDelivery)
        #expect(try await successor.declare(AMQPQueue.temporary(queue)).messageCount == 1)
        await connection.close()
    }

    @Test("a message that the broker's own header makes outgrow frame_max is taken, and not sent on as it is")
    func outgrown() async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel()
        let queue = Broker.name("outgrown")
        try await channel.declare(AMQPQueue(queue, arguments: .quorum))
        // The largest content header that the broker takes.
        let headers: AMQPHeaders = ["pad": .longString(String(repeating: "x", count: 131_037))]
        let message = AMQPMessage(
            routingKey: queue,
            properties: AMQPBasicProperties(headers: headers),
            body: ByteBuffer(string: "body")
        )
        try await channel.publish(message)
        // RabbitMQ 4.0 counts from the second delivery on.
        try await #require(try await channel.get(queue)?.delivery).nack(requeue: true)
        let delivery = try #require(try await channel.get(queue)?.delivery)
        #expect(delivery.encodedProperties.readableBytes > 131_072 - 8 - 12)
        #expect(try delivery.properties.headers?.table()["x-delivery-count"] != nil)
        #expect(delivery.body == message.body)
        var copy = message
        copy.properties = delivery.properties
        let onward = copy
        let error = await #expect(throws: PublishError.self) { try await channel.publish(onward) }
        guard case .notSent(let cause) = error else { throw try #require(error) }
        #expect(cause.code == .invalidArgument)
        try await delivery.ack()
        try await channel.deleteQueue(queue)
        await connection.close()
    }

    @Test("a consumer tag is used once on a channel: the second is refused here, not with the connection")
    func tagTwice() async throws {
        let connection = try await Broker.connect()
        let queue = try await queueWith(0, on: connection)
        let channel = try await connection.openChannel(confirms: false)
        let handlers = AMQPConsumerHandlers(deliveries: { _ in })
        try await channel.consume(queue, tag: "c", handlers: handlers)
        let error = await #expect(throws: AMQPError.self) {
            try await channel.consume(queue, tag: "c", handlers: handlers)
        }
        #expect(error?.code == .invalidArgument)
        #expect(try await channel.declare(AMQPQueue.temporary(queue)).consumerCount == 1)
        await connection.close()
    }
}
