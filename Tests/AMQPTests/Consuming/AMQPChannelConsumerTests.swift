import Logging
import NIOPosix
import Testing

@testable import AMQP

@Suite("A channel's consumer", .timeLimit(.minutes(5)))
struct AMQPChannelConsumerTests {
    @Test("that is cancelled by its tag gives out what has arrived, and ends", arguments: [true, false])
    func cancel(isFull: Bool) async throws {
        try await HostileServer.with(.delivers) { server in
            var configuration = AMQPConfiguration(endpoints: [server.endpoint])
            if isFull { configuration.limits.maxBufferedDeliveryBytes = 1 }
            let connection = try await AMQPConnection.connect(
                to: server.endpoint,
                configuration: configuration,
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "test")
            )
            let channel = try await connection.openChannel(confirms: false)
            let tags = try await channel.withConsumer("q", tag: "c") { deliveries in
                var tags: [UInt64] = []
                for try await delivery in deliveries {
                    tags.append(delivery.tag)
                    if tags.count == 1 { try await channel.cancel("c") }
                }
                return tags
            }
            #expect(tags == [1, 2, 3])
            await connection.close()
        }
    }
}
