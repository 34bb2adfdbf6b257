import Foundation
import Testing

@Suite("Bursts", .serialized)
struct BurstTests {
    private static let count = 50_000
    /// What the process may have held in memory at most, in MiB: the messages of a burst are a tenth of it.
    private static let memoryLimit = 400

    @Test("50,000 fedmsgs as fast as PUB sends them arrive, all and in order", .timeLimit(.minutes(8)))
    func toAMQP() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: Self.count)
            try await scene.publisher.publishNumbered(Self.count)
            let arrived = try await scene.amqp.sequence(within: .seconds(300))
            #expect(arrived.runs == [[0, Self.count]])
            #expect(try scene.bridge.process.peakMemory() < Self.memoryLimit)
        }
    }

    @Test("50,000 AMQP messages reach a subscriber, all and in order", .timeLimit(.minutes(8)))
    func toFedmsg() async throws {
        try await AMQPToFedmsg.with { scene in
            try await FrameSubscriber.with(connect: scene.endpoint, expecting: Self.count) { subscriber in
                try await subscriber.connected()
                try await scene.probe { try await subscriber.probes() > 0 }
                try await scene.amqp.publishNumbered(Self.count)
                let arrived = try await subscriber.sequence(within: .seconds(300))
                #expect(arrived.runs == [[0, Self.count]])
                #expect(try scene.bridge.process.peakMemory() < Self.memoryLimit)
            }
        }
    }
}
