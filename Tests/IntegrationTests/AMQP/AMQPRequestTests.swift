import AMQP
import NIOCore
import Testing

@Suite("AMQPClient requests", .timeLimit(.minutes(5)))
struct AMQPRequestTests {
    private func withClient(_ body: (AMQPClient, String) async throws -> Void) async throws {
        let queue = Broker.name("requests")
        let configuration = try await TestClient.configuration(RabbitMQ.shared.value.state.amqpURL)
        let topology = AMQPTopology(queues: [AMQPQueue(queue, autoDelete: true)])
        try await TestClient.with(configuration, topology: topology) { client, _ in try await body(client, queue) }
    }

    /// Answers while `body` runs: each request with its own text and how often it was asked.
    private func answering(_ queue: String, _ client: AMQPClient, _ body: () async throws -> Void) async throws {
        let answering = Task {
            try await client.consume(queue) { delivery in
                let text = ByteBuffer(string: "re: \(String(buffer: delivery.body))")
                if let answer = delivery.answer(text) { try? await client.publish(answer) }
                try? await delivery.ack()
            }
        }
        try await body()
        answering.cancel()
        try await answering.value
    }

    @Test("each is answered with its own answer, many at once")
    func answers() async throws {
        try await withClient { client, queue in
            try await answering(queue, client) {
                try await withThrowingTaskGroup(of: (Int, String).self) { group in
                    for number in 1...50 {
                        group.addTask {
                            let answer = try await client.request(AMQPMessage("\(number)", to: queue))
                            return (number, String(buffer: answer.body))
                        }
                    }
                    for try await (number, text) in group { #expect(text == "re: \(number)") }
                }
            }
        }
    }

    @Test("one for which there is no queue comes back at once")
    func unroutable() async throws {
        try await withClient { client, _ in
            let error = await #expect(throws: AMQPRequestError.self) {
                try await client.request(AMQPMessage("?", to: Broker.name("nobody")))
            }
            guard case .publishFailed(.returned(let reason)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.replyCode == .noRoute)
        }
    }

    @Test("one that nobody answers ends in time, and the next is answered")
    func late() async throws {
        try await withClient { client, queue in
            // Opens the channel: the time limit is for the wait for one too.
            await #expect(throws: AMQPRequestError.self) {
                try await client.request(AMQPMessage("0", to: Broker.name("nobody")))
            }
            let error = await #expect(throws: AMQPRequestError.self) {
                try await client.request(AMQPMessage("1", to: queue), within: .seconds(1))
            }
            guard case .noAnswer(let cause) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(cause.code == .replyTimedOut)
            try await answering(queue, client) {
                // The answer to the first comes too, and is nobody's.
                let answer = try await client.request(AMQPMessage("2", to: queue))
                #expect(String(buffer: answer.body) == "re: 2")
            }
        }
    }

    @Test("one whose channel is lost has an unknown outcome; the next goes over the next connection")
    func lost() async throws {
        try await withClient { client, queue in
            let asking = Task { try await client.request(AMQPMessage("1", to: queue)) }
            try await client.withChannel { channel in
                try await eventually("the request") {
                    try await channel.declare(AMQPQueue(queue), passive: true).messageCount == 1
                }
            }
            await client.reconnect()
            let error = await #expect(throws: AMQPRequestError.self) { try await asking.value }
            guard case .noAnswer(let cause) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(cause.code == .outcomeUnknown)
            try await answering(queue, client) {
                let answer = try await client.request(AMQPMessage("2", to: queue))
                #expect(String(buffer: answer.body) == "re: 2")
            }
        }
    }

    @Test("a cancelled task's ends, and a closed client takes none")
    func ends() async throws {
        try await withClient { client, queue in
            let asking = Task { try await client.request(AMQPMessage("1", to: queue)) }
            asking.cancel()
            await #expect(throws: AMQPRequestError.self) { try await asking.value }
            await client.close()
            let error = await #expect(throws: AMQPRequestError.self) {
                try await client.request(AMQPMessage("2", to: queue))
            }
            guard case .publishFailed(.notSent(let cause)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(cause.code == .shutDown)
        }
    }
}
