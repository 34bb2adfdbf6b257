import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AMQP

@Suite("AMQPConsumer and losses", .timeLimit(.minutes(5)))
struct AMQPConsumerLossTests {
    @Test("over whose start the broker closes the connection fails at the second time, and leaves that to others")
    func refusedByConnection() async throws {
        let (events, newEvents) = AsyncStream.makeStream(of: AMQPClientEvent.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicConsume(let consume) where consume.queue == "bad":
                let text = "NOT_IMPLEMENTED - no automatic acknowledgement: queue 'bad' in vhost '/'"
                let close = Method.Connection.Close(replyCode: 540, replyText: text, classID: 60, methodID: 20)
                return .method(close, on: 0)
            case .basicConsume(let consume):
                return .method(Method.Basic.ConsumeOk(consumerTag: consume.consumerTag), on: channel)
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in await Task.yield() },
                onEvent: { newEvents.yield($0) }
            ) { client in
                try await client.startConsumer("good", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
                let error = await #expect(throws: AMQPError.self) {
                    try await client.consume("bad", options: AMQPConsumerOptions(needsSettlement: false)) { _ in }
                }
                #expect(error?.code == .connectionClosedByBroker && error?.reply?.code == .notImplemented)

                var last: UInt64 = 0
                var isRunning = false
                var hasFailed = false
                for await event in events {
                    switch event {
                    case .connected(_, _, let generation): last = generation
                    case .lost: isRunning = false
                    case .consumerStarted("good"): isRunning = true
                    case .consumerFailed("bad", _): hasFailed = true
                    default: break
                    }
                    if hasFailed, isRunning { break }
                }
                #expect(last <= 3)
            }
        }
    }

    @Test("is started again where something was settled before the same exception, though all had arrived by then")
    func settledInBetween() async throws {
        let (starts, newStarts) = AsyncStream.makeStream(of: Void.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicConsume(let consume):
                newStarts.yield()
                let tag = consume.consumerTag
                var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
                for number in 1...3 as ClosedRange<UInt64> {
                    bytes.writeImmutableBuffer(.delivery(number, to: tag, on: channel))
                }
                return bytes
            case .basicAck:
                let text = "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out"
                let close = Method.Channel.Close(replyCode: 406, replyText: text, classID: 0, methodID: 0)
                return .method(close, on: channel)
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in await Task.yield() },
                onEvent: { if case .consumerFailed = $0 { newStarts.finish() } }
            ) { client in
                try await client.startConsumer(
                    "q",
                    handlers: AMQPConsumerHandlers(deliveries: { deliveries in
                        if let first = deliveries.first { try? first.channel.syncOperations.ack(first.tag) }
                    })
                )
                var count = 0
                for await _ in starts {
                    count += 1
                    if count == 3 { break }
                }
                #expect(count == 3)
            }
        }
    }

    @Test("without settlement hands out all that has arrived, in order, before it starts again")
    func withoutSettlement() async throws {
        let (losses, newLosses) = AsyncStream.makeStream(of: Void.self)
        let (tags, newTags) = AsyncStream.makeStream(of: UInt64.self)
        try await HostileServer.with(.deliversAndCloses) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in await Task.yield() },
                onEvent: { if case .lost = $0 { newLosses.yield() } }
            ) { client in
                let consuming = Task {
                    try await client.consume("q", options: AMQPConsumerOptions(needsSettlement: false)) { delivery in
                        if delivery.tag == 1 {
                            for await _ in losses { break }
                            // Time for what must not happen: other runs, of which nobody takes anything.
                            for _ in 1...20 {
                                try? await client.withChannel(on: .consuming) { try await $0.setPrefetch(1) }
                            }
                        }
                        newTags.yield(delivery.tag)
                    }
                }
                var seen: [UInt64] = []
                for await tag in tags {
                    seen.append(tag)
                    if seen.count == 9 { break }
                }
                #expect(seen == Array(1...9))
                consuming.cancel()
                try await consuming.value
            }
        }
    }

    @Test("a sequence without settlement gives all that has arrived before it throws")
    func sequenceWithoutSettlement() async throws {
        try await HostileServer.with(.deliversAndCloses) { server in
            try await AMQPConnection.withConnection(
                to: server.endpoint,
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "test")
            ) { connection in
                let channel = try await connection.openChannel(confirms: false)
                var seen: [UInt64] = []
                let error = await #expect(throws: AMQPError.self) {
                    try await channel.withConsumer("q", needsSettlement: false) { deliveries in
                        for try await delivery in deliveries {
                            if seen.isEmpty { _ = await connection.closed() }
                            seen.append(delivery.tag)
                        }
                    }
                }
                #expect(error?.code == .connectionClosedByBroker)
                #expect(seen == [1, 2, 3])
            }
        }
    }
}

extension HostileServer.Behaviour {
    /// Sends each consumer three deliveries, numbered on over all connections, and closes the connection.
    fileprivate static var deliversAndCloses: Self {
        let sent = Atomic<UInt64>(0)
        return .answers { channel, method in
            switch method {
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicConsume(let consume):
                let tag = consume.consumerTag
                var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
                for _ in 1...3 {
                    let number = sent.add(1, ordering: .relaxed).newValue
                    bytes.writeImmutableBuffer(.delivery(number, to: tag, on: channel))
                }
                let close = Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0)
                bytes.writeImmutableBuffer(.method(close, on: 0))
                return bytes
            default: return nil
            }
        }
    }
}
