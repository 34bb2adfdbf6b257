import NIOCore
import Testing

@testable import AMQP

@Suite("AMQPConsumer", .timeLimit(.minutes(5)))
struct AMQPConsumerTests {
    @Test("is stopped while nothing is read, as it holds too much, and gives that back")
    func stopsWhileFull() async throws {
        let (holding, isHolding) = AsyncStream.makeStream(of: Void.self)
        let (gate, opensGate) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with(.delivers) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in await Task.yield() },
                configure: { configuration in
                    configuration.replyTimeout = .seconds(3600)
                    configuration.limits.maxBufferedDeliveryBytes = 1
                }
            ) { client in
                let consuming = Task {
                    var taken = 0
                    try await client.consume("q") { _ in
                        taken += 1
                        isHolding.yield()
                        for await _ in gate {}
                    }
                    return taken
                }
                for await _ in holding { break }
                await client.close(drainingWithin: .seconds(1))
                opensGate.finish()
                let taken = try await consuming.value
                #expect(taken == 1)
            }
        }
    }

    @Test("what its handler has in hand when the task is cancelled may still be settled")
    func settlesAfterCancellation() async throws {
        let (waits, newWaits) = AsyncStream.makeStream(of: Void.self)
        let (tasks, newTasks) = AsyncStream.makeStream(of: Task<Void, any Error>.self)
        let (settlements, newSettlements) = AsyncStream.makeStream(of: AMQPError?.self)
        try await HostileServer.with(.delivers) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { duration in
                    newWaits.yield()
                    try await Task.sleep(for: duration)
                }
            ) { client in
                let task = Task {
                    try await client.consume("q") { delivery in
                        // Not in its own task, whose waits are over.
                        await Task {
                            for await task in tasks {
                                task.cancel()
                                break
                            }
                            for await _ in waits { break }
                            do throws(AMQPError) {
                                try await delivery.ack()
                                newSettlements.yield(nil)
                            } catch {
                                newSettlements.yield(error)
                            }
                        }.value
                    }
                }
                newTasks.yield(task)
                for await failure in settlements {
                    #expect(failure == nil)
                    break
                }
                try await task.value
            }
        }
    }

    @Test("takes no offset for one that no stream has, as anybody may write it", arguments: [Int64.max, -1, .min])
    func forgedOffset(offset: Int64) async throws {
        let (starts, newStarts) = AsyncStream.makeStream(of: AMQPFieldValue?.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicConsume(let consume):
                newStarts.yield(consume.arguments["x-stream-offset"])
                let tag = consume.consumerTag
                var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
                let deliver = Method.Basic.Deliver(consumerTag: tag, deliveryTag: 1, exchange: "", routingKey: "q")
                bytes.writeImmutableBuffer(.method(deliver, on: channel))
                let properties = AMQPBasicProperties(headers: ["x-stream-offset": .int64(offset)])
                bytes.writeImmutableBuffer(.contentHeader(properties, size: 0, channel: channel))
                let close = Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0)
                bytes.writeImmutableBuffer(.method(close, on: 0))
                return bytes
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, consuming: AMQPTopology(), sleep: { _ in }) { client in
                try await client.startConsumer("q", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
                var seen: [AMQPFieldValue?] = []
                for await start in starts {
                    seen.append(start)
                    if seen.count == 2 { break }
                }
                #expect(seen == [nil, nil])
            }
        }
    }

    @Test(
        "goes on in a stream where it was, unless that may be another one, and believes no header of a queue that is none",
        arguments: [
            (AMQPQueueArguments.stream, false, AMQPFieldValue.int64(5)), (.stream, true, "first"),
            (.quorum, false, nil),
            (AMQPQueueArguments(), false, .int64(5)),
        ] as [(AMQPQueueArguments, Bool, AMQPFieldValue?)]
    )
    func streamPosition(arguments: AMQPQueueArguments, isCancelled: Bool, expected: AMQPFieldValue?) async throws {
        let offset = "x-stream-offset"
        let (starts, newStarts) = AsyncStream.makeStream(of: AMQPFieldValue?.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .queueDeclare(let declare): return .declareOk(declare.queue, on: channel)
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicConsume(let consume):
                newStarts.yield(consume.arguments[offset])
                if arguments.kind == nil, consume.arguments[offset] != nil {
                    let text = "PRECONDITION_FAILED - invalid arg 'x-stream-offset'"
                    let close = Method.Channel.Close(replyCode: 406, replyText: text, classID: 60, methodID: 20)
                    return .method(close, on: channel)
                }
                let tag = consume.consumerTag
                var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
                let deliver = Method.Basic.Deliver(consumerTag: tag, deliveryTag: 1, exchange: "", routingKey: "q")
                bytes.writeImmutableBuffer(.method(deliver, on: channel))
                let properties = AMQPBasicProperties(headers: [offset: .int64(5)])
                bytes.writeImmutableBuffer(.contentHeader(properties, size: 0, channel: channel))
                let close = Method.Channel.Close(replyCode: 406, replyText: "no", classID: 60, methodID: 20)
                bytes.writeImmutableBuffer(
                    isCancelled
                        ? .method(Method.Basic.Cancel(consumerTag: tag, noWait: true), on: channel)
                        : .method(close, on: channel)
                )
                return bytes
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(queues: [AMQPQueue("q", arguments: arguments)]),
                sleep: { _ in }
            ) { client in
                let first: AMQPTable = arguments.kind == .stream ? [offset: "first"] : [:]
                try await client.startConsumer(
                    "q",
                    options: AMQPConsumerOptions(arguments: first),
                    handlers: AMQPConsumerHandlers(deliveries: { _ in })
                )
                var seen: [AMQPFieldValue?] = []
                for await start in starts {
                    seen.append(start)
                    if seen.count == (arguments.kind == nil ? 3 : 2) { break }
                }
                #expect(seen == [first[offset], expected] + (arguments.kind == nil ? [nil] : []))
            }
        }
    }

    @Test("fails at the second time where a body is over the limit, as it would come again without end")
    func bodyOverLimit() async throws {
        try await HostileServer.with(.sendsTooMuch {}) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in await Task.yield() }
            ) { client in
                let error = await #expect(throws: AMQPError.self) { try await client.consume("q") { _ in } }
                #expect(error?.code == .limitExceeded)
            }
        }
    }

    @Test("goes on where a body over the limit needs no settlement, as it does not come again")
    func bodyOverLimitUnsettled() async throws {
        let (starts, newStarts) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with(.sendsTooMuch { newStarts.yield() }) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in await Task.yield() },
                onEvent: { if case .consumerFailed = $0 { newStarts.finish() } }
            ) { client in
                try await client.startConsumer(
                    "q",
                    options: AMQPConsumerOptions(needsSettlement: false),
                    handlers: AMQPConsumerHandlers(deliveries: { _ in })
                )
                var count = 0
                for await _ in starts {
                    count += 1
                    if count == 4 { break }
                }
                #expect(count == 4)
            }
        }
    }

    @Test("that can't start tells so to the log")
    func logs() async throws {
        let (lines, newLines) = AsyncStream.makeStream(of: String.self)
        try await HostileServer.with(.refusesChannels) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in await Task.yield() },
                log: { newLines.yield($0) }
            ) { client in
                try await client.startConsumer("q", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
                let line = await lines.first { $0.hasPrefix("not consuming") }
                #expect(line?.contains("q") == true && line?.contains("406") == true, "\(line ?? "")")
            }
        }
    }

    @Test("a connection is closed while nothing is read, as its consumer holds too much")
    func closesWhileFull() async throws {
        let (holding, isHolding) = AsyncStream.makeStream(of: Void.self)
        let (gate, opensGate) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with(.delivers) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in },
                configure: { configuration in
                    configuration.closeTimeout = .seconds(3600)
                    configuration.limits.maxBufferedDeliveryBytes = 1
                }
            ) { client in
                let consuming = Task {
                    try await client.consume("q") { _ in
                        isHolding.yield()
                        for await _ in gate {}
                    }
                }
                for await _ in holding { break }
                await client.close(drainingWithin: .zero)
                opensGate.finish()
                try await consuming.value
            }
        }
    }

    @Test("the end of its client does not wait longer than it may for a broker that answers nothing")
    func closesUnanswered() async throws {
        let (consumes, newConsumes) = AsyncStream.makeStream(of: Void.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicConsume:
                newConsumes.yield()
                return ByteBuffer()
            case .basicCancel, .channelClose, .connectionClose: return ByteBuffer()
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { try await Task.sleep(for: $0) },
                configure: { configuration in
                    configuration.replyTimeout = .seconds(3600)
                    configuration.closeTimeout = .milliseconds(100)
                }
            ) { client in
                try await client.startConsumer("q", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
                for await _ in consumes { break }
                await client.close(drainingWithin: .milliseconds(100))
            }
        }
    }

    @Test("the end of its client does not wait until it would be tried again")
    func closesWhileWaiting() async throws {
        let (waits, newWaits) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with(.refusesChannels) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { _ in
                    newWaits.yield()
                    try await Task.sleep(for: .seconds(3600))
                }
            ) { client in
                let handlers = AMQPConsumerHandlers(deliveries: { _ in })
                let consuming = Task { try await client.consume("q") { _ in } }
                try await client.startConsumer("q", handlers: handlers)
                var count = 0
                for await _ in waits {
                    count += 1
                    if count == 2 { break }
                }
                await client.close(drainingWithin: .zero)
                try await consuming.value
            }
        }
    }
}

extension HostileServer.Behaviour {
    /// Announces to each consumer a body of one byte more than is taken.
    fileprivate static func sendsTooMuch(_ told: @escaping @Sendable () -> Void) -> Self {
        .answers { channel, method in
            switch method {
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicConsume(let consume):
                told()
                let tag = consume.consumerTag
                var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
                bytes.writeImmutableBuffer(.delivery(1, to: tag, on: channel, size: (128 << 20) + 1))
                return bytes
            default: return nil
            }
        }
    }
}
