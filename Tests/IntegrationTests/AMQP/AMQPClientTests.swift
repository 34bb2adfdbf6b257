import AMQP
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@Suite("AMQPClient", .timeLimit(.minutes(5)))
struct AMQPClientTests {
    @Test("publishes to and consumes from what it declares")
    func roundTrip() async throws {
        let queue = AMQPQueue(Broker.name("round-trip"), arguments: ["x-expires": .int64(60_000)])
        let exchange = AMQPExchange(Broker.name("round-trip"), autoDelete: true)
        let topology = AMQPTopology(
            exchanges: [exchange],
            queues: [queue],
            bindings: [AMQPBinding(from: exchange.name, to: .queue(queue.name), routingKey: "a.#")]
        )
        let inbox = Inbox()
        try await TestClient.with(sharedConfiguration(), topology: topology) { client, _ in
            let consuming = Task {
                try await client.consume(queue.name) { delivery in
                    inbox.append(delivery)
                    try? await delivery.ack()
                }
            }
            for number in 0..<10 {
                try await client.publish(
                    AMQPMessage(
                        exchange: exchange.name,
                        routingKey: "a.\(number)",
                        body: ByteBuffer(string: "\(number)")
                    )
                )
            }
            try await inbox.awaitBodies("ten messages") { $0.count == 10 }
            #expect(inbox.bodies == (0..<10).map { "\($0)" })
            consuming.cancel()
            try await consuming.value
            let left = try await client.withChannel { try await $0.declare(queue, passive: true) }
            #expect(left.messageCount == 0 && left.consumerCount == 0)
        }
    }

    @Test(
        "says what kept it from connecting, without the password",
        arguments: [
            ("wrong password", "amqp://guest:hunter2@", "/%2F", AMQPError.Code.authenticationRefused, "403"),
            ("virtual host", "amqp://guest:guest@", "/nowhere", .virtualHostRefused, "530"),
            ("empty virtual host", "amqp://guest:guest@", "/", .virtualHostRefused, "%2F"),
        ]
    )
    func refusals(name: String, user: String, path: String, code: AMQPError.Code, words: String) async throws {
        let address = try await sharedConfiguration().endpoints[0].address
        let configuration = try TestClient.configuration(user + address + path)
        try await TestClient.with(configuration, publishing: AMQPTopology()) { _, events in
            let error = try await events.first("a refusal") { event in
                if case .connectFailed(.publishing, let error) = event { error } else { nil }
            }
            #expect(error.code == code)
            #expect(error.description.contains(words), "\(error)")
            #expect(!"\(events.all)".contains("hunter2"))
        }
    }

    @Test("goes on to the next endpoint where one is not there")
    func nextEndpoint() async throws {
        var configuration = try await sharedConfiguration()
        configuration.endpoints.insert(AMQPEndpoint(host: "127.0.0.1", port: try freePort()), at: 0)
        try await TestClient.with(configuration, publishing: AMQPTopology()) { client, events in
            try await client.publish(AMQPMessage("x", to: "nobody"))
            let error = try await events.first("a failed try") { event in
                if case .connectFailed(_, let error) = event { error } else { nil }
            }
            #expect(error.code == .connectFailed)
            #expect(error.endpoint == configuration.endpoints[0].address)
        }
    }

    @Test("leads bindings and consumers to the new name of a queue that the broker names")
    func serverNamedQueue() async throws {
        let topology = AMQPTopology(
            queues: [AMQPQueue(serverNamed: "mine")],
            bindings: [AMQPBinding(from: "amq.topic", to: .queue("mine"), routingKey: Broker.name("key"))]
        )
        let key = topology.bindings[0].routingKey
        let inbox = Inbox()
        try await TestClient.with(sharedConfiguration(), publishing: AMQPTopology(), consuming: topology) {
            client,
            events in
            try await client.startConsumer(
                "mine",
                options: AMQPConsumerOptions(needsSettlement: false),
                handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
            )
            for round in 1...2 as ClosedRange<UInt64> {
                try await eventually("consumer \(round)", detail: { "\(events.all)" }) {
                    events.consumerStarts == Int(round)
                }
                try await client.publish(
                    AMQPMessage(exchange: "amq.topic", routingKey: key, body: ByteBuffer(string: "\(round)"))
                )
                try await inbox.awaitBodies("message \(round)") { $0.count == round }
                if round == 1 { await client.reconnect() }
            }
            #expect(inbox.bodies == ["1", "2"])
            #expect(Set(events.queueNames).count == 2)
            #expect(!events.all.contains { if case .topologyFailed = $0 { true } else { false } })
        }
    }

    @Test("keeps a queue that the broker names while that is there, and deletes it by its alias")
    func serverNamedQueueStays() async throws {
        let key = Broker.name("key")
        var topology = AMQPTopology(queues: [AMQPQueue(serverNamed: "mine")])
        let inbox = Inbox()
        try await TestClient.with(sharedConfiguration(), publishing: AMQPTopology(), consuming: topology) {
            client,
            events in
            try await client.startConsumer(
                "mine",
                options: AMQPConsumerOptions(needsSettlement: false),
                handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
            )
            try await eventually("a consumer") { events.consumerStarts == 1 }
            topology.bindings = [AMQPBinding(from: "amq.topic", to: .queue("mine"), routingKey: key)]
            await client.setTopology(topology, on: .consuming)
            try await client.publish(
                AMQPMessage(exchange: "amq.topic", routingKey: key, body: ByteBuffer(string: "x"))
            )
            try await inbox.awaitBodies("the message") { $0 == ["x"] }
            #expect(events.queueNames.count == 1)

            func ends() -> Int {
                events.all.count { event in
                    if case .consumerInterrupted("mine", let error) = event {
                        error.code == .consumerCancelledByBroker
                    } else {
                        false
                    }
                }
            }
            try await client.withChannel(on: .consuming) { _ = try await $0.deleteQueue(events.queueNames[0]) }
            try await eventually("a consumer of another one", detail: { "\(events.all)" }) {
                events.consumerStarts == 2
            }
            #expect(events.queueNames.count == 2)
            #expect(ends() == 1)
            try await client.deleteQueue("mine")
            try await eventually("its consumer's end") { ends() == 2 }
        }
    }

    @Test("reads a stream on from what was not settled, where its connection was lost")
    func stream() async throws {
        let queue = AMQPQueue(Broker.name("stream"), arguments: .stream)
        let inbox = Inbox()
        let topology = AMQPTopology(queues: [queue])
        // RabbitMQ 4.0 tells a second connection that the stream is there before it can be written to.
        try await TestClient.with(sharedConfiguration(), publishing: AMQPTopology(), consuming: topology) {
            client,
            events in
            let options = AMQPConsumerOptions(prefetch: 10, arguments: ["x-stream-offset": "first"])
            let consumer = try await client.startConsumer(
                queue.name,
                options: options,
                handlers: AMQPConsumerHandlers(deliveries: { deliveries in
                    for delivery in deliveries {
                        inbox.append(delivery)
                        try? delivery.channel.syncOperations.ack(delivery.tag)
                    }
                })
            )
            try await eventually("the consumer has started") { events.consumerStarts == 1 }
            func publish(_ number: Int) async throws {
                let body = ByteBuffer(string: "\(number)")
                try await client.publish(AMQPMessage(routingKey: queue.name, body: body), resendingUnknown: true)
                try await inbox.awaitBodies("message \(number)") { $0.last == "\(number)" }
            }
            for number in 1...3 { try await publish(number) }
            await client.reconnect()
            try await publish(4)
            // That the third was settled nobody had seen.
            #expect(inbox.bodies == ["1", "2", "3", "3", "4"])
            await consumer.stop()
            try await client.deleteQueue(queue.name)
        }
    }

    @Test("declares an auto-delete queue again for the next consumer, with what led to it")
    func autoDeleteQueueAgain() async throws {
        let key = Broker.name("key")
        let topology = AMQPTopology(
            queues: [AMQPQueue(serverNamed: "mine")],
            bindings: [AMQPBinding(from: "amq.topic", to: .queue("mine"), routingKey: key)]
        )
        let inbox = Inbox()
        try await TestClient.with(sharedConfiguration(), publishing: AMQPTopology(), consuming: topology) {
            client,
            events in
            for round in 1...2 {
                let consumer = try await client.startConsumer(
                    "mine",
                    options: AMQPConsumerOptions(needsSettlement: false),
                    handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
                )
                try await eventually("a consumer", detail: { "\(events.all)" }) { events.consumerStarts == round }
                try await client.publish(
                    AMQPMessage(exchange: "amq.topic", routingKey: key, body: ByteBuffer(string: "\(round)"))
                )
                try await inbox.awaitBodies("message \(round)") { $0.count == round }
                await consumer.stop()
            }
        }
    }

    @Test("leaves out what is refused when it is declared, should that end the connection too, and stays connected")
    func quarantine() async throws {
        let bad = AMQPExchange(Broker.name("bad"), kind: .other("no-such-type"))
        let queue = AMQPQueue(Broker.name("good"), arguments: ["x-expires": .int64(60_000)])
        let topology = AMQPTopology(exchanges: [bad], queues: [queue])
        try await TestClient.with(sharedConfiguration(), consuming: topology) { client, events in
            let error = try await events.first("a failure") { event in
                if case .topologyFailed(.consuming, .exchange(bad.name), let error) = event { error } else { nil }
            }
            // RabbitMQ 3 ends the connection over it, RabbitMQ 4 the channel.
            let generation = error.reply?.code == .commandInvalid ? 2 : 1
            #expect(generation == 2 || error.reply?.code == .preconditionFailed)
            try await eventually("a connection") { events.generation(.consuming) == generation }
            try await client.withChannel(on: .consuming) { _ = try await $0.declare(queue, passive: true) }
            #expect(events.generation(.consuming) == generation)
        }
    }

    @Test("publishes nothing until a missing exchange is there that it may not declare")
    func missingExchange() async throws {
        let exchange = AMQPExchange(Broker.name("late"), autoDelete: false)
        let topology = AMQPTopology(exchanges: [exchange], mode: .passiveOnly)
        try await TestClient.with(sharedConfiguration(), publishing: topology) { client, events in
            let publishing = Task {
                try await client.publish(
                    AMQPMessage(exchange: exchange.name, routingKey: "x", body: ByteBuffer(string: "x"))
                )
            }
            let error = try await events.first("a failure") { event in
                if case .topologyFailed(.publishing, .exchange(exchange.name), let error) = event { error } else { nil }
            }
            #expect(error.reply?.cause == .exchangeMissing(exchange.name))
            let connection = try await Broker.connect(to: sharedConfiguration().endpoints[0])
            let channel = try await connection.openChannel()
            try await channel.declare(exchange)
            try await publishing.value
            try await channel.deleteExchange(exchange.name)
            await connection.close()
        }
    }

    @Test("waits for a queue that another connection still holds exclusively")
    func exclusiveQueue() async throws {
        let queue = AMQPQueue(Broker.name("exclusive"), durable: false, exclusive: true)
        let connection = try await Broker.connect(to: sharedConfiguration().endpoints[0])
        try await connection.openChannel().declare(queue)
        try await TestClient.with(sharedConfiguration(), consuming: AMQPTopology(queues: [queue])) { client, events in
            try await client.startConsumer(queue.name, handlers: AMQPConsumerHandlers(deliveries: { _ in }))
            let error = try await events.first("a failure") { event in
                if case .topologyFailed(_, .queue(queue.name), let error) = event { error } else { nil }
            }
            #expect(error.reply?.cause == .queueLocked(queue.name))
            await connection.close()
            try await eventually("a consumer", detail: { "\(events.all)" }) { events.consumerStarts == 1 }
        }
    }

    @Test("comes back from one channel exception, and gives a consumer up at the same again")
    func channelException() async throws {
        let queue = AMQPQueue(Broker.name("exception"), durable: false, exclusive: true)
        let inbox = Inbox()
        try await TestClient.with(
            sharedConfiguration(),
            publishing: AMQPTopology(),
            consuming: AMQPTopology(queues: [queue])
        ) { client, events in
            let consuming = Task {
                try await client.consume(queue.name) { delivery in
                    inbox.append(delivery)
                    // Asks on the consumer's own channel for what is not there.
                    _ = try? await delivery.channel.declare(AMQPQueue("nowhere-\(queue.name)"), passive: true)
                }
            }
            try await eventually("a consumer") { events.consumerStarts == 1 }
            try await client.withChannel(on: .consuming) { channel in
                _ = try await channel.declare(queue, passive: true)
            }
            try await client.publish(AMQPMessage("poison", to: queue.name))
            let error = await #expect(throws: AMQPError.self) { try await consuming.value }
            #expect(error?.reply?.code == .notFound)
            #expect(inbox.bodies == ["poison", "poison"])
            #expect(inbox.deliveries.map(\.redelivered) == [false, true])
            #expect(events.consumerStarts == 2)
            #expect(events.all.contains { if case .consumerFailed(queue.name, _) = $0 { true } else { false } })
        }
    }

    @Test("gives back what is in hand when a consumer is paused, and consumes again after")
    func pause() async throws {
        let queue = AMQPQueue(Broker.name("pause"), arguments: ["x-expires": .int64(60_000)])
        let inbox = Inbox()
        try await TestClient.with(sharedConfiguration(), topology: AMQPTopology(queues: [queue])) { client, events in
            for number in 1...3 { try await client.publish(AMQPMessage("\(number)", to: queue.name)) }
            let consumer = try await client.startConsumer(
                queue.name,
                handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
            )
            try await inbox.awaitBodies("three") { $0.count == 3 }
            await consumer.pause()
            #expect(await !consumer.isRunning)
            let idle = try await client.withChannel { try await $0.declare(queue, passive: true) }
            #expect(idle.messageCount == 3 && idle.consumerCount == 0)
            let stale = await #expect(throws: AMQPError.self) { try await inbox.deliveries[0].ack() }
            #expect(stale?.code == .staleDelivery)

            await consumer.resume()
            try await inbox.awaitBodies("six") { $0.count == 6 }
            #expect(inbox.bodies == ["1", "2", "3", "1", "2", "3"])
            await consumer.stop()
        }
    }

    @Test("closes once deliveries are settled and publishes confirmed")
    func drain() async throws {
        let queue = AMQPQueue(Broker.name("drain"), arguments: ["x-expires": .int64(60_000)])
        let inbox = Inbox()
        try await TestClient.with(sharedConfiguration(), topology: AMQPTopology(queues: [queue])) { client, _ in
            for number in 1...20 { try await client.publish(AMQPMessage("\(number)", to: queue.name)) }
            let consuming = Task {
                try await client.consume(queue.name, options: AMQPConsumerOptions(prefetch: 5)) { delivery in
                    inbox.append(delivery)
                    if inbox.bodies.count == 3 { Task { await client.close() } }
                    await Task.yield()
                    try? await delivery.ack()
                }
            }
            try await consuming.value
        }
        let connection = try await Broker.connect(to: sharedConfiguration().endpoints[0])
        let left = try await connection.openChannel().declare(queue, passive: true)
        #expect(inbox.bodies.count + left.messageCount == 20, "what was seen was acknowledged, the rest went back")
        #expect(left.messageCount >= 10)
        await connection.close()
    }

    @Test("as a service, is drained when its group shuts down gracefully")
    func service() async throws {
        let queue = AMQPQueue(Broker.name("service"), arguments: ["x-expires": .int64(60_000)])
        let logger = Logger(label: "test")
        let client = try AMQPClient(
            configuration: try await sharedConfiguration(),
            topology: AMQPTopology(queues: [queue]),
            logger: logger
        )
        let inbox = Inbox()
        let group = ServiceGroup(configuration: .init(services: [.init(service: client)], logger: logger))
        let running = Task { try await group.run() }
        try await client.startConsumer(
            queue.name,
            handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
        )
        try await client.publish(AMQPMessage("last", to: queue.name))
        try await inbox.awaitBodies("the message") { $0 == ["last"] }
        await group.triggerGracefulShutdown()
        // The group waits for this.
        try await inbox.deliveries[0].ack()
        try await running.value
        let error = await #expect(throws: PublishError.self) {
            try await client.publish(AMQPMessage("too late", to: queue.name))
        }
        guard case .notSent(let cause) = error else { throw try #require(error) }
        #expect(cause.code == .shutDown)

        let connection = try await Broker.connect(to: sharedConfiguration().endpoints[0])
        let left = try await connection.openChannel().declare(queue, passive: true)
        #expect(left.messageCount == 0)
        await connection.close()
    }

    private func sharedConfiguration() async throws -> AMQPConfiguration {
        try TestClient.configuration(try await RabbitMQ.shared.value.state.amqpURL)
    }
}

extension EventLog {
    var consumerStarts: Int { all.count { if case .consumerStarted = $0 { true } else { false } } }

    var queueNames: [String] {
        all.compactMap { if case .queueNamed(_, let name) = $0 { name } else { nil } }
    }
}
