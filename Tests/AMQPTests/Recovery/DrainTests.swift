import NIOCore
import Synchronization
import Testing

@testable import AMQP

@Suite("The drain of a client's connection", .timeLimit(.minutes(5)))
struct DrainTests {
    private static let message = AMQPMessage(routingKey: "q", body: ByteBuffer())

    private enum Event {
        /// Somebody waits for a time to be over.
        case waits
        case published
        case closes
    }

    /// Runs a client whose waits last, on a server that confirms what was published once a queue is asked for.
    private func withClient(
        on role: AMQPConnectionRole = .publishing,
        _ body: (AMQPClient, AsyncStream<Event>) async throws -> Void
    ) async throws {
        let (events, newEvents) = AsyncStream.makeStream(of: Event.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .basicPublish: newEvents.yield(.published)
            case .connectionClose: newEvents.yield(.closes)
            case .queueDeclare:
                var bytes = ByteBuffer.method(Method.Basic.Ack(deliveryTag: 0, multiple: true), on: channel)
                bytes.writeImmutableBuffer(.declareOk("q", on: channel))
                return bytes
            case .txSelect: return .method(Method.Tx.SelectOk(), on: channel)
            case .txCommit: return .method(Method.Tx.CommitOk(), on: channel)
            default: break
            }
            return nil
        }
        try await HostileServer.with(server) { server in
            try await ScriptedClient.with(
                server,
                publishing: role == .publishing ? AMQPTopology() : nil,
                consuming: role == .consuming ? AMQPTopology() : nil,
                sleep: { _ in
                    newEvents.yield(.waits)
                    try await Task.sleep(for: .seconds(3600))
                }
            ) { client in
                try await body(client, events)
            }
        }
    }

    @Test(
        "waits for what was published on a channel of one's own, and lets nothing more out",
        arguments: [true, false]
    )
    func ownChannel(isClose: Bool) async throws {
        try await withClient { client, events in
            let ending = try await client.withChannel { channel in
                let receipt = try await channel.submit(Self.message)
                #expect(await next(of: events) == .published)
                let ending = Task {
                    if isClose { await client.close(drainingWithin: .seconds(60)) } else { await client.reconnect() }
                }
                // A close has a limit of its own besides.
                for _ in 1...(isClose ? 2 : 1) { #expect(await next(of: events) == .waits) }
                #expect(try await client.eventLoop.submit { channel.syncOperations.room() }.get() == 0)
                _ = try await channel.declare(AMQPQueue("q"), passive: true)
                try await receipt.confirmed()
                #expect(await next(of: events) == .closes)
                return ending
            }
            await ending.value
        }
    }

    @Test("lets a transaction come to its end, whatever it has done by then", arguments: [true, false])
    func transaction(hasPublished: Bool) async throws {
        let role = hasPublished ? AMQPConnectionRole.publishing : .consuming
        try await withClient(on: role) { client, events in
            let closing = try await client.transaction(on: role) { transaction in
                if hasPublished {
                    try await transaction.publish(Self.message)
                    #expect(await next(of: events) == .published)
                }
                let closing = Task { await client.close(drainingWithin: .seconds(60)) }
                for _ in 1...2 { #expect(await next(of: events) == .waits) }
                try await transaction.publish(Self.message)
                #expect(await next(of: events) == .published)
                return closing
            }
            #expect(await next(of: events) == .closes)
            await closing.value
        }
    }

    @Test("ends with its connection, also where another one overlaps it")
    func overlapping() async throws {
        try await withClient { client, events in
            let publishing = try #require(client.publishing)
            let channel = try await #require(publishing.ready(needsExchanges: false)).openChannel()
            _ = try await channel.submit(Self.message)
            #expect(await next(of: events) == .published)
            var drains: [Task<Void, Never>] = []
            for _ in 1...2 {
                drains.append(Task { await publishing.drain(within: .seconds(60)) })
                #expect(await next(of: events) == .waits)
            }
            await client.close(drainingWithin: .zero)
            for drain in drains { await drain.value }
        }
    }

    @Test("ends in time, and the connection is given out again only when the last one has done")
    func twice() async throws {
        try await HostileServer.with(.answers { _, _ in nil }) { server in
            try await ScriptedClient.with(server, publishing: AMQPTopology(), sleep: { _ in }) { client in
                let publishing = try #require(client.publishing)
                let channel = try await #require(publishing.ready(needsExchanges: false)).openChannel()
                _ = try await channel.submit(Self.message)
                for _ in 1...2 { await publishing.drain(within: .zero) }
                await publishing.resume()
                #expect(await isAtHand(publishing) == false)
                #expect(try await client.eventLoop.submit { channel.syncOperations.room() }.get() == 0)
                await publishing.resume()
                #expect(await isAtHand(publishing))
                #expect(try await client.eventLoop.submit { channel.syncOperations.room() }.get() > 0)
            }
        }
    }

    private func next(of events: AsyncStream<Event>) async -> Event? {
        for await event in events { return event }
        return nil
    }

    /// Whether the connection can be had without waiting.
    private func isAtHand(_ connection: RecoveringConnection) async -> Bool {
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await connection.ready(needsExchanges: false) != nil
        }.value
    }
}
