import Testing

@testable import AMQP

@Suite("AMQPTopology")
struct AMQPTopologyTests {
    @Test("is durable unless said otherwise")
    func durable() {
        #expect(AMQPExchange("e").durable && AMQPQueue("q").durable)
        #expect(!AMQPQueue(serverNamed: "mine").durable && AMQPQueue(serverNamed: "mine").exclusive)
    }

    @Test("puts typed arguments into the table with RabbitMQ's keys and types")
    func typedArguments() {
        var arguments = AMQPQueueArguments.quorum
        arguments.singleActiveConsumer = true
        arguments.maxLength = 10
        arguments.maxLengthBytes = 1 << 40
        arguments.overflow = .rejectPublish
        arguments.messageTTL = .seconds(1.5)
        arguments.expires = .seconds(60)
        arguments.deadLetterExchange = "dead"
        arguments.deadLetterRoutingKey = "letters"
        arguments.deliveryLimit = -1
        arguments.maxPriority = 5
        #expect(
            arguments.table == [
                "x-queue-type": "quorum", "x-single-active-consumer": true, "x-max-length": .int64(10),
                "x-max-length-bytes": .int64(1 << 40), "x-overflow": "reject-publish", "x-message-ttl": .int64(1500),
                "x-expires": .int64(60_000), "x-dead-letter-exchange": "dead", "x-dead-letter-routing-key": "letters",
                "x-delivery-limit": .int64(-1), "x-max-priority": .int64(5),
            ]
        )
    }

    @Test("reads typed arguments out of a table, whatever width its integers have")
    func readsArguments() {
        let arguments: AMQPQueueArguments = [
            "x-queue-type": "stream", "x-max-length": .uint8(7), "x-message-ttl": .int32(250),
            "x-overflow": "drop-head",
            "x-single-active-consumer": false,
        ]
        #expect(arguments.kind == .stream)
        #expect(arguments.maxLength == 7)
        #expect(arguments.messageTTL == .milliseconds(250))
        #expect(arguments.overflow == .dropHead)
        #expect(arguments.singleActiveConsumer == false)
        #expect(arguments.expires == nil)
    }

    @Test("forgets the bindings of what is deleted")
    func forgets() {
        var topology = AMQPTopology(
            exchanges: [AMQPExchange("e"), AMQPExchange("f")],
            queues: [AMQPQueue("q"), AMQPQueue("r")],
            bindings: [
                AMQPBinding(from: "e", to: .queue("q")), AMQPBinding(from: "f", to: .queue("q")),
                AMQPBinding(from: "f", to: .exchange("e")), AMQPBinding(from: "f", to: .queue("r")),
            ]
        )
        topology.removeExchange("e")
        topology.removeQueue("q")
        #expect(topology.exchanges.map(\.name) == ["f"])
        #expect(topology.queues.map(\.name) == ["r"])
        #expect(topology.bindings == [AMQPBinding(from: "f", to: .queue("r"))])
    }

    @Test(
        "knows exchange kinds by name, a plug-in's too",
        arguments: [
            "direct", "fanout", "topic", "headers", "x-delayed-message",
        ]
    )
    func kinds(name: String) {
        #expect(AMQPExchange.Kind(name: name).name == name)
    }
}
