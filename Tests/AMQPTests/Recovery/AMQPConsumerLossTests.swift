import NIOCore
import Testing

@testable import AMQP

@Suite("AMQPConsumer and losses", .timeLimit(.minutes(1)))
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
                observer: { newEvents.yield($0) }
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
}
