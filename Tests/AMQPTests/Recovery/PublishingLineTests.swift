import NIOCore
import Synchronization
import Testing

@testable import AMQP

@Suite("PublishingLine", .timeLimit(.minutes(1)))
struct PublishingLineTests {
    private static let message = AMQPMessage(routingKey: "q", body: ByteBuffer())

    @Test("drains that overlap both end")
    func overlappingDrains() async throws {
        let (published, isPublished) = AsyncStream.makeStream(of: Void.self)
        let (waits, newWaits) = AsyncStream.makeStream(of: Void.self)
        try await HostileServer.with(.answers { _, _ in nil }) { server in
            try await ScriptedClient.with(
                server,
                publishing: AMQPTopology(),
                sleep: { _ in
                    newWaits.yield()
                    try await Task.sleep(for: .seconds(3600))
                }
            ) { client in
                await client.keepPublishingChannel(
                    opened: { channel in
                        _ = try? channel.publish(Self.message)
                        isPublished.yield()
                    },
                    handlers: AMQPChannelHandlers()
                )
                for await _ in published { break }
                let line = try #require(await client.lines.last)
                var drains: [Task<Void, Never>] = []
                for seconds in 1...2 {
                    drains.append(Task { await line.drain(within: .seconds(seconds)) })
                    for await _ in waits { break }
                }
                await client.close(drainingWithin: .zero)
                for drain in drains { await drain.value }
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
}
