import Testing

@testable import AMQP

@Suite("TopologyMachine")
struct TopologyMachineTests {
    private static let exchange = AMQPExchange("events")
    private static let queue = AMQPQueue("orders", arguments: .quorum)
    private static let binding = AMQPBinding(from: "events", to: .queue("orders"), routingKey: "#")
    private static let missingQueue = closed(.notFound, "NOT_FOUND - no queue 'orders' in vhost '/'")
    private static let missingExchange = closed(.notFound, "NOT_FOUND - no exchange 'events' in vhost '/'")
    private static let refused = closed(
        .accessRefused,
        "ACCESS_REFUSED - access to queue 'orders' in vhost '/' refused for user 'u'"
    )

    private static func topology(_ mode: AMQPTopology.Mode) -> AMQPTopology {
        AMQPTopology(exchanges: [exchange], queues: [queue], bindings: [binding], mode: mode)
    }

    private static func closed(_ code: AMQPReplyCode, _ text: String) -> AMQPError {
        AMQPError(.channelClosedByBroker, "closed", reply: AMQPReply(code: code, text: text))
    }

    @Test("declares exchanges, then queues, then bindings")
    func order() {
        var machine = TopologyMachine(Self.topology(.declare))
        #expect(machine.next() == .declareExchange(Self.exchange, passive: false))
        #expect(machine.next() == .declareExchange(Self.exchange, passive: false))
        machine.succeeded()
        #expect(machine.next() == .declareQueue(Self.queue, passive: false))
        machine.succeeded(queueName: "orders")
        #expect(machine.next() == .bind(Self.binding))
        machine.succeeded()
        #expect(machine.next() == .finished)
        #expect(machine.failures.isEmpty && machine.skipped.isEmpty)
    }

    @Test("takes what is there as it is, and declares only what is missing, where rights are few")
    func passiveFirst() {
        var machine = TopologyMachine(Self.topology(.passiveFirst))
        #expect(machine.next() == .declareExchange(Self.exchange, passive: true))
        machine.succeeded()
        #expect(machine.next() == .declareQueue(Self.queue, passive: true))
        machine.failed(Self.missingQueue)
        #expect(machine.next() == .declareQueue(Self.queue, passive: false))
        machine.succeeded(queueName: "orders")
        #expect(machine.next() == .bind(Self.binding))
    }

    @Test("looks for the next one passively again after one was declared")
    func passiveEach() {
        var topology = Self.topology(.passiveFirst)
        topology.exchanges.append(AMQPExchange("more"))
        var machine = TopologyMachine(topology)
        _ = machine.next()
        machine.failed(Self.missingExchange)
        _ = machine.next()
        machine.succeeded()
        #expect(machine.next() == .declareExchange(AMQPExchange("more"), passive: true))
    }

    @Test("declares nothing where that is not wanted: a missing queue is a failure that names it")
    func passiveOnly() {
        var machine = TopologyMachine(Self.topology(.passiveOnly))
        _ = machine.next()
        machine.succeeded()
        _ = machine.next()
        machine.failed(Self.missingQueue)
        #expect(machine.next() == .finished)
        #expect(machine.failures.map(\.error.code) == [.topologyFailed])
        #expect(machine.failures.first?.error.subject == .queue("orders"))
        #expect(machine.failures.first?.error.description.contains("404") == true)
        #expect(machine.skipped == [.binding(Self.binding)])
    }

    @Test(
        "only looks for a queue that somebody else makes",
        arguments: [AMQPTopology.Mode.declare, .passiveFirst, .passiveOnly]
    )
    func expectedQueue(mode: AMQPTopology.Mode) {
        let queue = AMQPQueue("orders", isExpected: true)
        var machine = TopologyMachine(AMQPTopology(queues: [queue], bindings: [Self.binding], mode: mode))
        #expect(machine.next() == .declareQueue(queue, passive: mode != .declare))
        machine.failed(Self.missingQueue)
        #expect(machine.next() == .finished)
        #expect(machine.failures.map(\.error.subject) == [.queue("orders")])
        #expect(machine.skipped == [.binding(Self.binding)])
    }

    @Test(
        "only looks for an exchange that somebody else makes, and leaves out what depends on it where it is missing",
        arguments: [AMQPTopology.Mode.declare, .passiveFirst, .passiveOnly]
    )
    func expectedExchange(mode: AMQPTopology.Mode) {
        let exchange = AMQPExchange("events", isExpected: true)
        let topology = AMQPTopology(
            exchanges: [exchange],
            queues: [Self.queue],
            bindings: [Self.binding],
            mode: mode
        )
        var machine = TopologyMachine(topology)
        #expect(machine.next() == .declareExchange(exchange, passive: mode != .declare))
        machine.failed(Self.missingExchange)
        #expect(machine.next() == .declareQueue(Self.queue, passive: mode != .declare))
        machine.succeeded(queueName: "orders")
        #expect(machine.next() == .finished)
        #expect(machine.failures.map(\.error.subject) == [.exchange("events")])
        #expect(machine.skipped == [.binding(Self.binding)])
        machine = machine.retry
        #expect(machine.next() == .declareExchange(exchange, passive: mode != .declare))
        machine.succeeded()
        #expect(machine.next() == .bind(Self.binding))
    }

    @Test("does not take a queue for missing whose node is down, nor a missing right")
    func notMissing() {
        for error in [Self.refused, Self.closed(.notFound, "NOT_FOUND - home node 'a' of durable queue 'orders' in …")]
        {
            var machine = TopologyMachine(AMQPTopology(queues: [Self.queue], mode: .passiveFirst))
            _ = machine.next()
            machine.failed(error)
            #expect(machine.next() == .finished)
            #expect(machine.failures.count == 1)
        }
    }

    @Test("fails when a missing queue can't be declared either")
    func refusedDeclaration() {
        var machine = TopologyMachine(AMQPTopology(queues: [Self.queue], mode: .passiveFirst))
        _ = machine.next()
        machine.failed(Self.missingQueue)
        _ = machine.next()
        machine.failed(Self.refused)
        #expect(machine.next() == .finished)
        #expect(machine.failures.first?.error.reply?.code == .accessRefused)
    }

    @Test("leaves out what depends on a failure, and goes on with the rest")
    func goesOn() {
        var topology = Self.topology(.declare)
        topology.queues.append(AMQPQueue("other"))
        topology.bindings.append(AMQPBinding(from: "amq.topic", to: .queue("other")))
        var machine = TopologyMachine(topology)
        machine.succeeded()
        machine.failed(Self.refused)
        #expect(machine.next() == .declareQueue(AMQPQueue("other"), passive: false))
        machine.succeeded(queueName: "other")
        #expect(machine.next() == .bind(topology.bindings[1]))
        machine.succeeded()
        #expect(machine.next() == .finished)
        #expect(machine.skipped == [.binding(Self.binding)])
    }

    @Test("tries what failed and what was left out again, and nothing else")
    func retries() {
        var machine = TopologyMachine(Self.topology(.declare))
        machine.succeeded()
        machine.failed(Self.refused)
        #expect(machine.next() == .finished)
        machine = machine.retry
        #expect(machine.next() == .declareQueue(Self.queue, passive: false))
        machine.succeeded(queueName: "orders")
        #expect(machine.next() == .bind(Self.binding))
        machine.succeeded()
        #expect(machine.next() == .finished)
        #expect(machine.failures.isEmpty && machine.skipped.isEmpty)
    }

    @Test(
        "lets the broker name a queue, each time anew, and leads its bindings there",
        arguments: ["amq.gen-1", "amq.gen-2"]
    )
    func serverNamed(name: String) {
        let queue = AMQPQueue(serverNamed: "mine")
        let topology = AMQPTopology(
            queues: [queue],
            bindings: [AMQPBinding(from: "amq.topic", to: .queue("mine"), routingKey: "a.#")],
            mode: .passiveOnly
        )
        var machine = TopologyMachine(topology)
        #expect(machine.next() == .declareQueue(queue, passive: false))
        #expect(queue.wireName.isEmpty)
        machine.succeeded(queueName: name)
        #expect(machine.next() == .bind(AMQPBinding(from: "amq.topic", to: .queue(name), routingKey: "a.#")))
        machine.succeeded()
        #expect(machine.serverNames == ["mine": name])
    }

    @Test("looks for a queue that the broker has named, and asks for another one only where that is gone")
    func alreadyNamed() {
        let queue = AMQPQueue(serverNamed: "mine")
        let topology = AMQPTopology(queues: [queue], bindings: [AMQPBinding(from: "amq.topic", to: .queue("mine"))])
        let missing = Self.closed(.notFound, "NOT_FOUND - no queue 'amq.gen-1' in vhost '/'")
        for isGone in [false, true] {
            var machine = TopologyMachine(topology, serverNames: ["mine": "amq.gen-1"])
            #expect(machine.next() == .declareQueue(AMQPQueue("amq.gen-1"), passive: true))
            if isGone {
                machine.failed(missing)
                #expect(machine.next() == .declareQueue(queue, passive: false))
            }
            let name = isGone ? "amq.gen-2" : "amq.gen-1"
            machine.succeeded(queueName: name)
            #expect(machine.next() == .bind(AMQPBinding(from: "amq.topic", to: .queue(name))))
            #expect(machine.serverNames == ["mine": name])
            #expect(machine.failures.isEmpty)
        }
    }
}
