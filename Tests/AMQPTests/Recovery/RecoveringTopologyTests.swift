import NIOCore
import Synchronization
import Testing

@testable import AMQP

/// Against a server of the test's own, with waits that end at once.
@Suite("The topology of a RecoveringConnection", .timeLimit(.minutes(5)))
struct RecoveringTopologyTests {
    @Test("of two topologies that are declared at once the later one has the last word")
    func lastDeclaration() async throws {
        let (failures, newFailures) = AsyncStream.makeStream(of: AMQPSubject.self)
        let (declares, newDeclares) = AsyncStream.makeStream(of: Void.self)
        let first = Mutex<UInt16>(0)
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .queueDeclare(let declare) = method else { return nil }
            guard declare.queue == "new" else {
                first.withLock { $0 = channel }
                newDeclares.yield()
                return ByteBuffer()
            }
            let close = Method.Channel.Close(replyCode: 406, replyText: "no", classID: 50, methodID: 10)
            var bytes = ByteBuffer.declareOk("new", on: channel)
            bytes.writeImmutableBuffer(.method(close, on: first.withLock(\.self)))
            return bytes
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(),
                sleep: { try await Task.sleep(for: $0) },
                onEvent: { event in
                    if case .topologyFailed(_, let subject, _) = event { newFailures.yield(subject) }
                }
            ) { client in
                let connection = try #require(client.consuming)
                _ = await connection.ready(needsExchanges: false)
                let setting = Task { await connection.setTopology(AMQPTopology(queues: [AMQPQueue("old")])) }
                for await _ in declares { break }
                await connection.setTopology(AMQPTopology(queues: [AMQPQueue("new")]))
                await setting.value
                #expect(await connection.missing.isEmpty)
            }
        }
        newFailures.finish()
        #expect(await failures.first { _ in true } == nil)
    }

    @Test("a topology that was set is declared to its end, whether or not somebody waits for it")
    func cancelledDeclaration() async throws {
        let (declares, newDeclares) = AsyncStream.makeStream(of: String.self)
        let setting = Mutex<Task<Void, Never>?>(nil)
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .queueDeclare(let declare) = method else { return nil }
            setting.withLock { $0?.cancel() }
            newDeclares.yield(declare.queue)
            return .declareOk(declare.queue, on: channel)
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, consuming: AMQPTopology(), sleep: { _ in }) { client in
                let connection = try #require(client.consuming)
                _ = await connection.ready(needsExchanges: false)
                let topology = AMQPTopology(queues: ["a", "b", "c"].map { AMQPQueue($0) })
                setting.withLock { setting in
                    setting = Task { await connection.setTopology(topology) }
                }
                var declared: [String] = []
                for await queue in declares {
                    declared.append(queue)
                    if queue == "c" { break }
                }
                #expect(declared == ["a", "b", "c"])
            }
        }
    }

    @Test("a queue that rests until its next consumer is forgotten when it is deleted, and so is what led to it")
    func deletedAtRest() async throws {
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .queueDeclare(let declare) = method else { return nil }
            return .declareOk(declare.queue, on: channel)
        }
        let queues = ["a", "b"].map { AMQPQueue($0, autoDelete: true) }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, consuming: AMQPTopology(queues: queues), sleep: { _ in }) { client in
                let connection = try #require(client.consuming)
                for queue in queues { await connection.forgetAutoDeleteQueue(queue.name) }
                #expect(await connection.topology.queues.isEmpty)
                await connection.forget { $0.removeQueue("a") }
                for queue in queues { await connection.wake(queue: queue.name) }
                #expect(await connection.topology.queues == [queues[1]])
            }
        }
    }

    @Test("who forgets a queue that is missing does not wait for what else is to be declared")
    func forgottenWhileSilent() async throws {
        let isSilent = Atomic(false)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .exchangeDeclare: return .method(Method.Exchange.DeclareOk(), on: channel)
            case .queueDeclare:
                let close = Method.Channel.Close(replyCode: 404, replyText: "no", classID: 50, methodID: 10)
                return .method(close, on: channel)
            case .channelOpen where isSilent.load(ordering: .relaxed): return ByteBuffer()
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            let topology = AMQPTopology(
                exchanges: [AMQPExchange("x")],
                queues: [AMQPQueue("q", autoDelete: true)]
            )
            try await ScriptedClient.with(
                server,
                consuming: topology,
                sleep: { try await Task.sleep(for: $0) },
                configure: { configuration in
                    configuration.recovery.initialBackoff = .seconds(3600)
                    configuration.replyTimeout = .seconds(3600)
                }
            ) { client in
                let connection = try #require(client.consuming)
                _ = await connection.ready(needsExchanges: false)
                isSilent.store(true, ordering: .relaxed)
                await connection.forgetAutoDeleteQueue("q")
                #expect(await connection.topology.queues.isEmpty)
            }
        }
    }

    @Test("deletes a queue on the conditions that it is given, and says how many messages went with it")
    func deletedQueue() async throws {
        let deletes = Mutex<[Method.Queue.Delete]>([])
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .queueDelete(let delete) = method else { return nil }
            deletes.withLock { $0.append(delete) }
            return .method(Method.Queue.DeleteOk(messageCount: 7), on: channel)
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, consuming: AMQPTopology(), sleep: { _ in }) { client in
                let count = try await client.deleteQueue("q")
                #expect(count == 7)
                try await client.deleteQueue("q", ifUnused: true, ifEmpty: true)
            }
        }
        #expect(deletes.withLock { $0.map(\.ifUnused) } == [false, true])
        #expect(deletes.withLock { $0.map(\.ifEmpty) } == [false, true])
    }

    @Test("a queue that stays, as it is in use, is not forgotten")
    func keptQueue() async throws {
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .queueDeclare: return .declareOk("q", on: channel)
            case .queueDelete:
                let close = Method.Channel.Close(replyCode: 406, replyText: "in use", classID: 50, methodID: 40)
                return .method(close, on: channel)
            default: return nil
            }
        }
        let topology = AMQPTopology(queues: [AMQPQueue("q")])
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(server, consuming: topology, sleep: { _ in }) { client in
                await #expect(throws: AMQPError.self) { try await client.deleteQueue("q", ifUnused: true) }
                #expect(await client.consuming?.topology == topology)
                await #expect(throws: AMQPError.self) { try await client.deleteQueue("q") }
                #expect(await client.consuming?.topology.queues.isEmpty == true)
            }
        }
    }

    @Test("nobody waits for an exchange that was deleted, though it could never be declared")
    func deletedExchange() async throws {
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .exchangeDeclare:
                let close = Method.Channel.Close(replyCode: 406, replyText: "no", classID: 40, methodID: 10)
                return .method(close, on: channel)
            case .exchangeDelete: return .method(Method.Exchange.DeleteOk(), on: channel)
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(exchanges: [AMQPExchange("bad")]),
                sleep: { try await Task.sleep(for: $0) },
                configure: { $0.recovery.initialBackoff = .seconds(3600) }
            ) { client in
                let connection = try #require(client.publishing)
                _ = await connection.ready(needsExchanges: false)
                try await client.deleteExchange("bad")
                #expect(await connection.ready(needsExchanges: true) != nil)
                #expect(await connection.topologyRetry == nil)
            }
        }
    }

    @Test("what ended a connection as it was declared is told as missing on the next one")
    func quarantine() async throws {
        let (events, newEvents) = AsyncStream.makeStream(of: String.self)
        let server = HostileServer.Behaviour.answers { _, method in
            if case .exchangeDeclare = method { Self.refusal() } else { nil }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(exchanges: [AMQPExchange("bad", kind: .other("x"))]),
                sleep: { _ in },
                onEvent: { if let word = Self.word(of: $0) { newEvents.yield(word) } }
            ) { _ in
                let words = await Self.words(of: events, to: "connected")
                #expect(words == ["lost", "failed: exchange 'bad'", "connected"])
            }
        }
    }

    @Test(
        "what ended a connection as it was declared is declared again on the next one by itself, when all else is",
        arguments: [503, 506, 541]
    )
    func quarantineEnd(code: UInt16) async throws {
        let (events, newEvents) = AsyncStream.makeStream(of: String.self)
        let hasRefused = Atomic(false)
        let server = HostileServer.Behaviour.answers { channel, method in
            guard case .exchangeDeclare = method else { return nil }
            guard hasRefused.exchange(true, ordering: .relaxed) else { return Self.refusal(code) }
            return .method(Method.Exchange.DeclareOk(), on: channel)
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(exchanges: [AMQPExchange("late")]),
                sleep: { _ in },
                onEvent: { if let word = Self.word(of: $0) { newEvents.yield(word) } }
            ) { client in
                let words = await Self.words(of: events, to: "declared")
                #expect(words == ["lost", "failed: exchange 'late'", "connected", "declared"])
                #expect(await client.publishing?.ready(needsExchanges: true) != nil)
            }
        }
    }

    @Test("what ends each connection as it is declared does so once in minutes")
    func quarantineBackoff() async throws {
        let (waits, newWaits) = AsyncStream.makeStream(of: Duration.self)
        let server = HostileServer.Behaviour.answers { _, method in
            if case .exchangeDeclare = method { Self.refusal() } else { nil }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(exchanges: [AMQPExchange("bad")]),
                // Shorter is only how long what is on its way is waited for.
                sleep: { if $0 >= .seconds(30) { newWaits.yield($0) } },
                random: HighestNumber(),
                configure: { $0.recovery = AMQPRecoveryPolicy(initialBackoff: .zero, maximumBackoff: .zero) }
            ) { _ in
                var seen: [Duration] = []
                for await wait in waits {
                    seen.append(wait)
                    if seen.count == 7 { break }
                }
                #expect(seen == [30, 60, 120, 240, 480, 600, 600].map { .seconds($0) })
            }
        }
    }

    @Test(
        "a refusal that is about no declaration is held against none: the next connection declares all",
        arguments: [Method.Channel.Open.id, MethodID(classID: 0, methodID: 0)]
    )
    func passingRefusal(culprit: MethodID) async throws {
        let (events, newEvents) = AsyncStream.makeStream(of: String.self)
        let hasRefused = Atomic(false)
        let close = Method.Connection.Close(
            replyCode: 530,
            replyText: "NOT_ALLOWED - number of channels opened for user 'u'",
            classID: culprit.classID,
            methodID: culprit.methodID
        )
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .channelOpen where !hasRefused.exchange(true, ordering: .relaxed): .method(close, on: 0)
            case .queueDeclare: .declareOk("q", on: channel)
            default: nil
            }
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(queues: [AMQPQueue("q")]),
                // What is quarantined would stay so.
                sleep: { try await Task.sleep(for: $0) },
                onEvent: { if let word = Self.word(of: $0) { newEvents.yield(word) } }
            ) { _ in
                #expect(await Self.words(of: events, to: "connected") == ["lost", "declared", "connected"])
            }
        }
    }

    private static func refusal(_ code: UInt16 = 503) -> ByteBuffer {
        .method(Method.Connection.Close(replyCode: code, replyText: "no", classID: 40, methodID: 10), on: 0)
    }

    /// What has happened up to the first of such an event.
    private static func words(of events: AsyncStream<String>, to last: String) async -> [String] {
        var words: [String] = []
        for await word in events {
            words.append(word)
            if word == last { break }
        }
        return words
    }

    private static func word(of event: AMQPClientEvent) -> String? {
        switch event {
        case .lost: "lost"
        case .topologyFailed(_, let subject, _): "failed: \(subject)"
        case .topologyDeclared: "declared"
        case .connected: "connected"
        default: nil
        }
    }

    @Test("what is not answered as it is declared takes no channel for good, however often it is tried again")
    func unansweredDeclarations() async throws {
        let (failures, newFailures) = AsyncStream.makeStream(of: AMQPError.self)
        let (closes, newCloses) = AsyncStream.makeStream(of: Void.self)
        let server = HostileServer.Behaviour.answers { _, method in
            if case .channelClose = method { newCloses.yield() }
            return nil
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                consuming: AMQPTopology(queues: [AMQPQueue("q")]),
                // The next try comes when the channel of the last one is closed.
                sleep: { _ in for await _ in closes { break } },
                configure: { configuration in
                    configuration.channelMax = 4
                    configuration.replyTimeout = .seconds(1)
                },
                onEvent: { event in
                    if case .topologyFailed(_, _, let error) = event { newFailures.yield(error) }
                }
            ) { _ in
                var codes: [AMQPError.Code?] = []
                for await failure in failures {
                    codes.append((failure.underlying as? AMQPError)?.code)
                    if codes.count == 6 { break }
                }
                #expect(codes == Array(repeating: .replyTimedOut, count: 6))
            }
        }
    }
}
