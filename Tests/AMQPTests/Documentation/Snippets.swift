import AMQP
import Logging
import NIOCore
import NIOPosix

#if ServiceLifecycle
import ServiceLifecycle
import UnixSignals
#endif

// The Swift of the pages, as it stands there, so that it compiles. `PagesTests` compares both, line by line.

private struct Order: Sendable {
    init(_ body: ByteBuffer) throws {}
}

private func handle(_ body: ByteBuffer) async {}

private enum Snippets {
    static func client(logger: Logger) async throws -> AMQPClient {
        let topology = AMQPTopology(
            exchanges: [AMQPExchange("events")],
            queues: [AMQPQueue("orders", arguments: .quorum)],
            bindings: [AMQPBinding(from: "events", to: .queue("orders"), routingKey: "order.#")]
        )
        let configuration = try AMQPConfiguration(uri: "amqp://guest:guest@localhost")
        let client = try AMQPClient(configuration: configuration, topology: topology, logger: logger)
        return client
    }

    #if ServiceLifecycle
    static func service(client: AMQPClient, logger: Logger) async throws {
        let group = ServiceGroup(
            services: [client],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await group.run()
    }

    static func clientAsService(topology: AMQPTopology, logger: Logger) async throws {
        let configuration = try AMQPConfiguration(uri: "amqp://localhost")
        let client = try AMQPClient(configuration: configuration, topology: topology, logger: logger)
        let group = ServiceGroup(
            services: [client],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await group.run()  // it works meanwhile, for other services or tasks; SIGTERM drains it
    }
    #endif

    static func task(client: AMQPClient) async {
        let running = Task { await client.run() }
        // …
        await client.close()
        await running.value
    }

    static func publish(client: AMQPClient) async {
        let message = AMQPMessage(
            exchange: "events",
            routingKey: "order.new",
            properties: AMQPBasicProperties(contentType: "application/json", deliveryMode: .persistent),
            body: ByteBuffer(string: #"{"id": 1}"#)
        )
        do throws(PublishError) {
            try await client.publish(message)
        } catch {
            switch error {
            case .notSent(let cause): print("publishing again can't make a duplicate: \(cause)")
            case .outcomeUnknown(let cause): print("it may be there, or not: \(cause)")
            case .returned(let reason): print("mandatory, and no queue took it: \(reason.replyText)")
            case .refused(let cause): print("this message closed its channel: \(cause)")
            case .nacked: print("the broker could not take it")
            }
        }
    }

    static func publishMany(client: AMQPClient, messages: [AMQPMessage]) async throws {
        let results = try await client.withChannel { channel in
            await channel.publish(contentsOf: messages)
        }
        let lost = zip(messages, results).filter { _, result in
            if case .success = result { false } else { true }
        }
        print("\(lost.count) of \(messages.count) are not confirmed")
    }

    static func receipts(channel: AMQPChannel, messages: [AMQPMessage]) async throws(PublishError) {
        var receipts: [PublishReceipt] = []
        for message in messages { receipts.append(try await channel.submit(message)) }
        for receipt in receipts { try await receipt.confirmed() }
    }

    static func publishEach(_ messages: [AMQPMessage], with client: isolated AMQPClient) async throws(PublishError) {
        for message in messages { try await client.publish(message) }
    }

    static func headers(_ common: AMQPHeaders, now: String) throws -> AMQPHeaders {
        var headers = common
        try headers.append("sent-at", .longString(now))
        return headers
    }

    static func resend(client: AMQPClient, message: AMQPMessage) async throws {
        try await client.publish(message, resendingUnknown: true)
    }

    static func consume(client: AMQPClient) async throws {
        try await client.consume("orders", options: AMQPConsumerOptions(prefetch: 100)) { delivery in
            await handle(delivery.body)
            try? await delivery.ack()  // throws staleDelivery where the broker delivers it again anyway
        }
    }

    static func consumeAll(client: AMQPClient) async throws {
        try await client.consume("orders") { delivery in
            await handle(delivery.body)
            try? await delivery.ack()  // fails where the connection was lost; then it comes again
        }
    }

    static func reject(client: AMQPClient) async throws {
        try await client.consume("orders") { delivery in
            do {
                let order = try Order(delivery.body)
                print(order)
                try await delivery.ack()
            } catch is AMQPError {
                // The channel went; the broker delivers it again.
            } catch {
                try? await delivery.reject(requeue: false)  // to the dead-letter exchange, if the queue has one
            }
        }
    }

    static func deliveries(channel: AMQPChannel) async throws {
        try await channel.setPrefetch(100)
        try await channel.withConsumer("orders") { deliveries in
            for try await delivery in deliveries {
                await handle(delivery.body)
                try await delivery.ack()
            }
        }
    }

    static func recovery(configuration: AMQPConfiguration, client: AMQPClient) async {
        var configuration = configuration
        configuration.recovery.maximumBackoff = .seconds(10)
        for await event in client.events {
            switch event {
            case .connected(let role, let endpoint, let generation): print("\(role): \(endpoint), \(generation)")
            case .lost(let role, let error, _): print("\(role): \(error)")
            case .topologyFailed(_, let subject, let error): print("\(subject): \(error)")
            default: break
            }
        }
    }

    static func tls() async throws {
        let endpoint = AMQPEndpoint(
            host: "rabbitmq.example.org",
            credentials: .external,
            tls: AMQPTLSConfiguration(
                trustRoots: .file("/etc/pki/ca.pem"),
                certificateFile: "/etc/pki/client.pem",
                keyFile: "/etc/pki/client.key"
            )
        )
        let configuration = AMQPConfiguration(endpoints: [endpoint])
        try await configuration.checkFiles()
    }

    static func tokens(fetch: @escaping @Sendable () async throws -> (token: String, seconds: Int)) throws {
        var configuration = try AMQPConfiguration(uri: "amqps://rabbitmq.example.org")
        configuration.tokenProvider = { endpoint in
            let answer = try await fetch()
            return AMQPToken(AMQPSecret(answer.token), lifetime: .seconds(answer.seconds))
        }
        try configuration.validate()
    }

    static func request(client: AMQPClient) async throws {
        let answer = try await client.request(
            AMQPMessage(routingKey: "prices", body: ByteBuffer(string: "tea")),
            within: .seconds(5)
        )
        print(String(buffer: answer.body))
    }

    static func ask(_ question: ByteBuffer, client: AMQPClient) async throws {
        let answer = try await client.request(AMQPMessage(routingKey: "prices", body: question), within: .seconds(5))
        print(String(buffer: answer.body))
    }

    static func answer(client: AMQPClient) async throws {
        try await client.consume("prices") { delivery in
            if let answer = delivery.answer(ByteBuffer(string: "3.20")) { try? await client.publish(answer) }
            try? await delivery.ack()
        }
    }

    static func transaction(client: AMQPClient) async throws {
        try await client.transaction { transaction in
            guard let got = try await transaction.get("in") else { return }
            try await transaction.publish(AMQPMessage(routingKey: "out", body: got.delivery.body))
            try await got.delivery.ack()
        }
    }

    static func test(logger: Logger) async throws {
        try await AMQPConnection.withConnection(
            to: try AMQPEndpoint(uri: "amqp://localhost"),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: logger
        ) { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declare(AMQPQueue(serverNamed: "mine")).name
            try await channel.publish(AMQPMessage(routingKey: queue, body: ByteBuffer(string: "1")))
            let got = try await channel.get(queue)
            assert(got?.messageCount == 0)
        }
    }
}

private protocol OrderPublisher: Sendable {
    func publish(_ message: AMQPMessage) async throws(PublishError)
}

extension AMQPChannel: OrderPublisher {}
