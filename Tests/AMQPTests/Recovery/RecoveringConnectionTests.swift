import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AMQP

/// Against sockets of the test's own, with waits that end at once.
@Suite("RecoveringConnection", .timeLimit(.minutes(5)))
struct RecoveringConnectionTests {
    private final class Record: Sendable {
        struct State {
            var resolved: [String] = []
            var waits: [Duration] = []
            var failures: [AMQPError] = []
        }

        let state = Mutex(State())
    }

    @Test("asks for the addresses again in each round, and says of each why it failed")
    func rounds() async throws {
        let record = Record()
        let environment = RecoveryEnvironment(
            sleep: { duration in
                record.state.withLock { $0.waits.append(duration) }
                await Task.yield()
            },
            random: SeededGenerator(seed: 7),
            resolve: { endpoint async throws(AMQPError) in
                record.state.withLock { $0.resolved.append(endpoint.host) }
                guard endpoint.host == "one" else { throw AMQPError(.nameResolutionFailed, "no such host") }
                // Port 0 can't be connected to.
                return ["127.0.0.1", "127.0.0.2"].compactMap { try? SocketAddress(ipAddress: $0, port: 0) }
            }
        )
        let (failures, newFailures) = AsyncStream.makeStream(of: AMQPError.self)
        let client = try AMQPClient(
            configuration: AMQPConfiguration(endpoints: [AMQPEndpoint(host: "one"), AMQPEndpoint(host: "two")]),
            publishing: AMQPTopology(),
            consuming: nil,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            environment: environment,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onEvent: { event in
                if case .connectFailed(.publishing, let error) = event { newFailures.yield(error) }
            }
        )
        let running = Task { await client.run() }
        var codes: [AMQPError.Code] = []
        for await failure in failures {
            codes.append(failure.code)
            #expect(failure.endpoint == (failure.code == .connectFailed ? "one:5672" : "two:5672"))
            if codes.count == 9 { break }
        }
        await client.close()
        await running.value
        #expect(
            codes
                == Array(repeating: [.connectFailed, .connectFailed, .nameResolutionFailed], count: 3).flatMap(\.self)
        )
        record.state.withLock { state in
            #expect(Array(state.resolved.prefix(6)) == ["one", "two", "one", "two", "one", "two"])
            #expect(state.waits.count >= 2)
            #expect(zip(state.waits, [0.5, 1, 2]).allSatisfy { $0 <= .seconds($1) })
        }
    }

    @Test(
        "waits longer each time where connections only open, and briefly where a message was confirmed on them",
        arguments: [(false, [0.5, 1, 2, 4]), (true, [0.5, 0.5, 0.5, 0.5])]
    )
    func waits(confirms: Bool, expected: [Double]) async throws {
        let (waits, newWaits) = AsyncStream.makeStream(of: Duration.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            let close = ByteBuffer.method(
                Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0),
                on: 0
            )
            switch method {
            case .exchangeDeclare: return close
            case .basicPublish:
                var bytes = ByteBuffer.method(Method.Basic.Ack(deliveryTag: 1, multiple: false), on: channel)
                bytes.writeImmutableBuffer(close)
                return bytes
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(exchanges: confirms ? [] : [AMQPExchange("e")]),
                sleep: { newWaits.yield($0) },
                random: HighestNumber()
            ) { client in
                if confirms {
                    for _ in expected { try await client.publish(AMQPMessage(routingKey: "q", body: ByteBuffer())) }
                }
                var seen: [Duration] = []
                for await wait in waits {
                    seen.append(wait)
                    if seen.count == expected.count { break }
                }
                #expect(seen == expected.map { .seconds($0) })
            }
        }
    }

    @Test("waits briefly where deliveries came that need no settlement")
    func waitsAfterDeliveries() async throws {
        let (waits, newWaits) = AsyncStream.makeStream(of: Duration.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            if case .basicQos = method { return .method(Method.Basic.QosOk(), on: channel) }
            guard case .basicConsume(let consume) = method else { return nil }
            let tag = consume.consumerTag
            var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
            bytes.writeImmutableBuffer(.delivery(1, to: tag, on: channel))
            let close = Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0)
            bytes.writeImmutableBuffer(.method(close, on: 0))
            return bytes
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { newWaits.yield($0) },
                random: HighestNumber()
            ) { client in
                try await client.startConsumer(
                    "q",
                    options: AMQPConsumerOptions(needsSettlement: false),
                    handlers: AMQPConsumerHandlers(deliveries: { _ in })
                )
                var seen: [Duration] = []
                for await wait in waits {
                    seen.append(wait)
                    if seen.count == 4 { break }
                }
                #expect(seen == [0.5, 0.5, 0.5, 0.5].map { .seconds($0) })
            }
        }
    }

    @Test("is closed at once while it waits for its next try")
    func closesWhileWaiting() async throws {
        let (waiting, isWaiting) = AsyncStream.makeStream(of: Void.self)
        let environment = RecoveryEnvironment(
            sleep: { _ in
                isWaiting.yield()
                try await Task.sleep(for: .seconds(3600))
            },
            resolve: { _ async throws(AMQPError) in throw AMQPError(.nameResolutionFailed, "no such host") }
        )
        let client = try AMQPClient(
            configuration: AMQPConfiguration(),
            publishing: AMQPTopology(),
            consuming: AMQPTopology(),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            environment: environment,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onEvent: { _ in }
        )
        let running = Task { await client.run() }
        let publishing = Task {
            try await client.publish(AMQPMessage(routingKey: "q", body: ByteBuffer()))
        }
        for await _ in waiting { break }
        await client.close()
        await running.value
        let error = await #expect(throws: PublishError.self) { try await publishing.value }
        guard case .notSent(let cause) = error else { throw try #require(error) }
        #expect(cause.code == .shutDown)
    }

    @Test("ends with the task that runs it")
    func cancellation() async throws {
        let client = try AMQPClient(
            configuration: AMQPConfiguration(endpoints: [AMQPEndpoint(host: "127.0.0.1", port: 1)]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let running = Task { await client.run() }
        for await event in client.events {
            if case .connectFailed = event { break }
        }
        running.cancel()
        await running.value
    }
}
