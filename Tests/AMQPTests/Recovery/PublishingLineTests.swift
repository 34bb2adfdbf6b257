import NIOCore
import Synchronization
import Testing

@testable import AMQP

@Suite("PublishingLine", .timeLimit(.minutes(5)))
struct PublishingLineTests {
    private static let message = AMQPMessage(routingKey: "q", body: ByteBuffer())

    @Test("gives out no channel of a connection that is being closed, which takes nothing any more")
    func closing() async throws {
        let (closes, newCloses) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with(.leavesCloseUnanswered { newCloses.yield() }) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(),
                sleep: { _ in },
                configure: { $0.closeTimeout = .seconds(1) }
            ) { client in
                let line = try #require(client.line)
                _ = await line.openChannel()
                #expect(await channelAtHand(of: line) != nil)
                let closing = Task { await client.close(drainingWithin: .zero) }
                for await _ in closes { break }
                #expect(await channelAtHand(of: line) == nil)
                await closing.value
            }
        }
    }

    /// The channel, where it can be had without waiting.
    private func channelAtHand(of line: PublishingLine) async -> AMQPChannel? {
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await line.openChannel()
        }.value
    }

    @Test("a message whose channel the broker closed is not sent again: it may be what that was closed over")
    func closedChannel() async throws {
        let publishes = Mutex<UInt64>(0)
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .basicPublish = method else { return nil }
            let count = publishes.withLock { count in
                count += 1
                return count
            }
            switch count {
            case 1: return nil
            case 2:
                let close = Method.Channel.Close(replyCode: 406, replyText: "no", classID: 60, methodID: 40)
                return .method(close, on: channel)
            default: return .method(Method.Basic.Ack(deliveryTag: count - 2), on: channel)
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, publishing: AMQPTopology(), sleep: { _ in }) { client in
                let tasks = (1...2).map { _ in
                    Task { try await client.publish(Self.message, resendingUnknown: true) }
                }
                for task in tasks {
                    let error = await #expect(throws: PublishError.self) { try await task.value }
                    guard case .outcomeUnknown(let cause) = error else { throw try #require(error) }
                    #expect(cause.code == .channelClosedByBroker)
                }
                try await client.publish(Self.message)
            }
        }
    }

    @Test(
        "nor is one whose connection the broker closed, but to shut down, or as it lacks something for now",
        arguments: [541, 506, 320] as [UInt16]
    )
    func closedConnection(code: UInt16) async throws {
        let publishes = Mutex(0)
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .basicPublish = method else { return nil }
            let count = publishes.withLock { count in
                count += 1
                return count
            }
            guard count == 1 else { return .method(Method.Basic.Ack(deliveryTag: 1), on: channel) }
            return .method(Method.Connection.Close(replyCode: code, replyText: "", classID: 0, methodID: 0), on: 0)
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, publishing: AMQPTopology(), sleep: { _ in }) { client in
                do throws(PublishError) {
                    try await client.publish(Self.message, resendingUnknown: true)
                    #expect(code != 541)
                } catch {
                    guard case .outcomeUnknown(let cause) = error else { throw error }
                    #expect(cause.code == .connectionClosedByBroker && cause.reply?.code == .internalError)
                }
                #expect(publishes.withLock { $0 } == (code == 541 ? 1 : 2))
            }
        }
    }

    @Test(
        "one that was sent and can't be sent again may be there, whatever keeps it from going out",
        arguments: [true, false]
    )
    func notSentAgain(isCancelled: Bool) async throws {
        let (returns, newReturns) = AsyncStream.makeStream(of: Void.self)
        let isLost = Mutex(false)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .basicPublish:
                isLost.withLock { $0 = true }
                return .method(Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0), on: 0)
            case .channelOpen where isLost.withLock { $0 }:
                newReturns.yield()
                return ByteBuffer()
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, publishing: AMQPTopology(), sleep: { _ in }) { client in
                let publishing = Task { try await client.publish(Self.message, resendingUnknown: true) }
                for await _ in returns { break }
                if isCancelled { publishing.cancel() } else { await client.close(drainingWithin: .zero) }
                let error = await #expect(throws: PublishError.self) { try await publishing.value }
                guard case .outcomeUnknown(let cause) = error else { throw try #require(error) }
                #expect(cause.reply?.cause == .forced)
            }
        }
    }

    @Test("a message that went out and is nacked when it is sent again is one that may be there")
    func nackedAgain() async throws {
        let isLost = Mutex(false)
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .basicPublish = method else { return nil }
            let isAgain = isLost.withLock { isLost in
                defer { isLost = true }
                return isLost
            }
            if isAgain { return .method(Method.Basic.Nack(deliveryTag: 1), on: channel) }
            return .method(Method.Connection.Close(replyCode: 320, replyText: "", classID: 0, methodID: 0), on: 0)
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, publishing: AMQPTopology(), sleep: { _ in }) { client in
                let error = await #expect(throws: PublishError.self) {
                    try await client.publish(Self.message, resendingUnknown: true)
                }
                guard case .outcomeUnknown(let cause) = error else { throw try #require(error) }
                #expect(cause.reply?.cause == .forced)
            }
        }
    }

    @Test("a message with a header that the broker's parser crashes over is not sent")
    func notFinite() async throws {
        let publishes = Mutex(0)
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .basicPublish = method else { return nil }
            publishes.withLock { $0 += 1 }
            return .method(Method.Basic.Ack(deliveryTag: 1), on: channel)
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, publishing: AMQPTopology(), sleep: { _ in }) { client in
                var message = Self.message
                message.properties.headers = ["score": .double(.nan)]
                let error = await #expect(throws: PublishError.self) { try await client.publish(message) }
                guard case .notSent(let cause) = error else { throw try #require(error) }
                #expect(cause.code == .invalidArgument)
                try await client.publish(Self.message)
                #expect(publishes.withLock { $0 } == 1)
            }
        }
    }

    @Test("the end of its client does not wait until its channel would be opened again")
    func closesWhileWaiting() async throws {
        let (waits, newWaits) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with(.refusesChannels) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(),
                sleep: { _ in
                    newWaits.yield()
                    try await Task.sleep(for: .seconds(3600))
                }
            ) { _ in
                for await _ in waits { break }
            }
        }
    }

    /// Closes the channel over what goes to "bad"; confirms what goes to "held" once two did, and all else at once.
    private static func refuses(_ published: @escaping @Sendable () -> Void) -> HostileServer.Behaviour {
        let counts = Mutex<(published: UInt64, held: Int)>((0, 0))
        return .answers { channel, method in
            switch method {
            case .channelOpen:
                counts.withLock { $0 = (0, 0) }
                return nil
            case .basicPublish(let publish):
                let key = publish.routingKey
                let (number, isHeld) = counts.withLock { counts in
                    counts.published += 1
                    if key == "held" { counts.held += 1 }
                    return (counts.published, key == "held" && counts.held < 2)
                }
                published()
                if isHeld { return ByteBuffer() }
                guard key == "bad" else {
                    return .method(Method.Basic.Ack(deliveryTag: number, multiple: true), on: channel)
                }
                let text = "NOT_FOUND - no exchange 'x' in vhost '/'"
                let close = Method.Channel.Close(replyCode: 404, replyText: text, classID: 60, methodID: 40)
                return .method(close, on: channel)
            default: return nil
            }
        }
    }

    private static func outcomes(of keys: [String], with client: AMQPClient) async -> [String] {
        await withTaskGroup(of: String.self) { group in
            for key in keys {
                group.addTask {
                    do throws(PublishError) {
                        try await client.publish(AMQPMessage(routingKey: key, body: ByteBuffer()))
                        return "\(key) confirmed"
                    } catch {
                        switch error {
                        case .refused: return "\(key) refused"
                        case .outcomeUnknown: return "\(key) unknown"
                        default: return "\(key) \(error)"
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted()
        }
    }

    @Test("what the broker refuses costs others their channel once, and no wait; then all go out together again")
    func culprits() async throws {
        let (publishes, newPublishes) = AsyncStream.makeStream(of: Void.self)
        let waits = Mutex(0)
        try await HostileServer.with(Self.refuses { newPublishes.yield() }) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(),
                sleep: { _ in waits.withLock { $0 += 1 } }
            ) { client in
                let held = Task { await Self.outcomes(of: ["held"], with: client) }
                for await _ in publishes { break }
                #expect(await Self.outcomes(of: ["bad"], with: client) == ["bad unknown"])
                #expect(await held.value == ["held unknown"])

                let outcomes = await Self.outcomes(of: ["bad", "good", "bad", "good"], with: client)
                #expect(outcomes == ["bad refused", "bad refused", "good confirmed", "good confirmed"])
                #expect(waits.withLock { $0 } == 1)

                for _ in 1...100 { try await client.publish(Self.message) }
                let together = await Self.outcomes(of: ["held", "held"], with: client)
                #expect(together == ["held confirmed", "held confirmed"])
            }
        }
    }

    @Test(
        "where an exchange is missing, bindings from all of them to queues of the other connection are made again too",
        arguments: [true, false]
    )
    func bindingsOfTheOther(isKept: Bool) async throws {
        let (binds, newBinds) = AsyncStream.makeStream(of: Void.self)
        let (connects, newConnects) = AsyncStream.makeStream(of: Void.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .exchangeDeclare: return .method(Method.Exchange.DeclareOk(), on: channel)
            case .queueDeclare(let declare): return .declareOk(declare.queue, on: channel)
            case .queueBind:
                newBinds.yield()
                return .method(Method.Queue.BindOk(), on: channel)
            case .basicPublish:
                let text = "NOT_FOUND - no exchange 'x' in vhost '/'"
                let close = Method.Channel.Close(replyCode: 404, replyText: text, classID: 60, methodID: 40)
                return .method(close, on: channel)
            default: return nil
            }
        }
        let topology = AMQPTopology(
            exchanges: [AMQPExchange("x"), AMQPExchange("y")],
            queues: [AMQPQueue("mine", durable: false, exclusive: true)],
            bindings: [AMQPBinding(from: "y", to: .queue("mine"))]
        )
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                publishing: topology.shareable,
                consuming: topology,
                sleep: { _ in },
                onEvent: { event in
                    if case .connected(.consuming, _, _) = event { newConnects.yield() }
                }
            ) { client in
                for await _ in binds { break }
                for await _ in connects { break }
                if isKept {
                    let published = Atomic(false)
                    try await client.keepPublishingChannel(
                        opened: { channel in
                            guard !published.exchange(true, ordering: .relaxed) else { return }
                            _ = try? channel.syncOperations.publish(Self.message)
                        },
                        handlers: AMQPChannelHandlers()
                    )
                } else {
                    let error = await #expect(throws: PublishError.self) { try await client.publish(Self.message) }
                    guard case .refused = error else { throw try #require(error) }
                }
                for await _ in binds { break }
            }
        }
    }
}
