import AMQP
import Settings
import Testing

@testable import Bridge

@Suite struct AMQPTopologyTests {
    @Test func `the exchange to publish to is declared where the configuration says how, and looked for where not`() {
        var configuration = BridgeConfiguration()
        configuration.exchanges = [.init(name: "zmq.topic")]
        var topology = AMQPTopology(publishing: configuration)
        #expect(topology.exchanges == [AMQPExchange("zmq.topic")])

        configuration.exchanges = [.init(name: "amq.topic")]
        topology = AMQPTopology(publishing: configuration)
        #expect(topology.exchanges == [AMQPExchange("amq.topic"), AMQPExchange("zmq.topic", isExpected: true)])
    }

    @Test(arguments: ["amqp://h", "amqp://h/", "amqp://h/%2F"])
    func `the virtual host is that which fedora-messaging takes`(url: String) throws {
        var configuration = BridgeConfiguration()
        configuration.amqpURLs = [url]
        #expect(try AMQPConfiguration(configuration).endpoints.map(\.virtualHost) == ["/"])
    }

    @Test(arguments: [(false, AMQPTopology.Mode.passiveFirst), (true, .passiveOnly)])
    func `nothing is declared that is there, and nothing at all with passive_declares`(
        passive: Bool,
        mode: AMQPTopology.Mode
    ) {
        var configuration = BridgeConfiguration()
        configuration.passiveDeclares = passive
        #expect(AMQPTopology(publishing: configuration).mode == mode)
        #expect(AMQPTopology(consuming: configuration).mode == mode)
    }

    @Test func `each routing key is a binding, and exchanges that they lead from come with them`() {
        var configuration = BridgeConfiguration()
        configuration.exchanges = [.init(name: "mine"), .init(name: "zmq.topic")]
        configuration.queues = [.init(name: "q")]
        configuration.bindings = [.init(queue: "q", exchange: "mine", routingKeys: ["a.#", "b"])]
        let topology = AMQPTopology(consuming: configuration)
        #expect(topology.exchanges.map(\.name) == ["mine"])
        #expect(topology.queues.map(\.name) == ["q"])
        #expect(
            topology.bindings == ["a.#", "b"].map { AMQPBinding(from: "mine", to: .queue("q"), routingKey: $0) }
        )
    }

    @Test func `a binding has its arguments, and what is passive is looked for and never made`() {
        var configuration = BridgeConfiguration()
        configuration.exchanges = [.init(name: "e")]
        configuration.exchanges[0].passive = true
        configuration.queues = [.init(name: "q")]
        configuration.queues[0].passive = true
        configuration.bindings = [.init(queue: "q", exchange: "e", routingKeys: [""])]
        configuration.bindings[0].arguments = ["x-match": "any", "fedora_messaging_rpm_bash": true]
        let topology = AMQPTopology(consuming: configuration)
        #expect(
            topology.bindings.map(\.arguments) == [["fedora_messaging_rpm_bash": true, "x-match": .longString("any")]]
        )
        #expect(topology.queues.map(\.isExpected) == [true])
        #expect(topology.exchanges == [AMQPExchange("e", isExpected: true)])
        configuration.toAMQP.exchange = "e"
        #expect(AMQPTopology(publishing: configuration).exchanges == [AMQPExchange("e", isExpected: true)])
    }

    @Test func `without a queue the broker names one, for which the bindings are`() {
        var configuration = BridgeConfiguration()
        configuration.queues = []
        configuration.bindings = [.init(queue: nil, exchange: "amq.topic", routingKeys: ["#"])]
        let topology = AMQPTopology(consuming: configuration)
        #expect(topology.queues.map(\.isServerNamed) == [true])
        #expect(topology.queues.map(\.name) == configuration.queueNames)
        #expect(topology.bindings.map(\.destination) == configuration.queueNames.map { .queue($0) })
    }
}
