import AMQP
import NIOCore
import Testing

@Suite("AMQPChannel publishing", .timeLimit(.minutes(5)))
struct AMQPPublishingTests {
    @Test("of mandatory messages those that no queue takes come back, and no others")
    func returns() async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel()
        let queue = Broker.name("returns")
        try await channel.declare(AMQPQueue.temporary(queue))

        let messages = (0..<40).map { index in
            AMQPMessage(
                routingKey: index.isMultiple(of: 3) ? queue : "\(queue)-nowhere",
                properties: AMQPBasicProperties(headers: ["n": .int64(Int64(index))], deliveryMode: .persistent),
                body: ByteBuffer(string: index.isMultiple(of: 2) ? "" : "body"),
                mandatory: true
            )
        }
        let results = await channel.publish(contentsOf: messages)
        for (index, result) in results.enumerated() {
            if index.isMultiple(of: 3) {
                #expect(throws: Never.self) { try result.get() }
            } else {
                guard case .failure(.returned(let details)) = result else {
                    Issue.record("\(index): \(result)")
                    continue
                }
                #expect(details.replyCode == .noRoute)
            }
        }
        #expect(try await channel.declare(AMQPQueue.temporary(queue)).messageCount == 14)
        await connection.close()
    }

    @Test("a missing exchange refuses the one message, closes its channel, and leaves the connection")
    func missingExchange() async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel()
        let queue = Broker.name("missing")
        try await channel.declare(AMQPQueue.temporary(queue))
        try await channel.publish(AMQPMessage(routingKey: queue, body: ByteBuffer(string: "1")))

        let lost = AMQPMessage(exchange: Broker.name("nowhere"), routingKey: queue, body: ByteBuffer(string: "2"))
        let refusal = await #expect(throws: PublishError.self) { try await channel.publish(lost) }
        guard case .refused(let error) = refusal else { throw try #require(refusal) }
        #expect(error.reply?.code == .notFound)

        let unsent = await #expect(throws: PublishError.self) { try await channel.publish(lost) }
        guard case .notSent(let error) = unsent else { throw try #require(unsent) }
        #expect(error.code == .channelClosed)

        let other = try await connection.openChannel()
        #expect(other.number == channel.number)
        try await other.publish(AMQPMessage(routingKey: queue, body: ByteBuffer(string: "3")))
        #expect(try await other.declare(AMQPQueue.temporary(queue)).messageCount == 2)
        await connection.close()
    }

    @Test("bodies of any size, none too, come back as they went", arguments: [0, 1, 131_064, 131_065, 1_000_000])
    func bodies(size: Int) async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel()
        let queue = Broker.name("bodies")
        try await channel.declare(AMQPQueue.temporary(queue))
        let body = ByteBuffer(bytes: (0..<size).map { UInt8(truncatingIfNeeded: $0) })
        try await channel.publish(AMQPMessage(routingKey: queue, body: body))
        let got = try #require(try await channel.get(queue))
        #expect(got.delivery.body == body)
        #expect(got.messageCount == 0)
        try await got.delivery.ack()
        #expect(try await channel.get(queue) == nil)
        await connection.close()
    }

    @Test("a receipt is asked later what became of its message")
    func receipts() async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel(window: PublishWindow(messages: 3))
        var receipts: [PublishReceipt] = []
        for index in 0..<20 {
            let message = AMQPMessage(routingKey: Broker.name("nowhere"), body: ByteBuffer(integer: index))
            receipts.append(try await channel.submit(message))
        }
        #expect(receipts.map(\.number) == Array(1...20))
        for receipt in receipts { try await receipt.confirmed() }
        await connection.close()
    }

    @Test("a message that can't be sent is not, uses no number, and the channel goes on")
    func unfit() async throws {
        let connection = try await Broker.connect()
        let channel = try await connection.openChannel()
        let unfit = AMQPMessage(routingKey: String(repeating: "k", count: 256), body: ByteBuffer())
        let error = await #expect(throws: PublishError.self) { try await channel.publish(unfit) }
        guard case .notSent(let reason) = error else { throw try #require(error) }
        #expect(reason.code == .invalidArgument)
        let receipt = try await channel.submit(AMQPMessage(routingKey: "k", body: ByteBuffer()))
        #expect(receipt.number == 1)
        try await receipt.confirmed()
        await connection.close()
    }

    @Test("a batch goes out as far as the window has room, without the message that can't be sent")
    func batchWithinWindow() async throws {
        let connection = try await Broker.connect()
        let (settled, source) = AsyncStream.makeStream(of: PublishSettlement.self)
        let handlers = AMQPChannelHandlers(settled: { for settlement in $0 { source.yield(settlement) } })
        let channel = try await connection.openChannel(window: PublishWindow(messages: 2), handlers: handlers)
        let batch = try await channel.eventLoop.submit {
            let keys = ["a", String(repeating: "k", count: 256), "b", "c"]
            let messages = keys.map { AMQPMessage(routingKey: $0, body: ByteBuffer()) }
            return try channel.syncOperations.publish(contentsOf: messages)
        }.get()
        #expect(batch.taken == 3)
        #expect(batch.numbers == 1..<3)
        #expect(batch.refused.map(\.offset) == [1])
        #expect(batch.refused.map(\.error.code) == [.invalidArgument])
        var confirmed: [UInt64] = []
        for await settlement in settled {
            guard case .confirmed = settlement.outcome else { Issue.record("\(settlement)"); continue }
            confirmed += settlement.numbers
            if confirmed.count == 2 { break }
        }
        #expect(confirmed == [1, 2])
        await connection.close()
    }
}
