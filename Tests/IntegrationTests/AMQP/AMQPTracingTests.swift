import AMQP
import InMemoryTracing
import NIOCore
import Testing
import Tracing

@Suite("AMQPClient traced", .timeLimit(.minutes(5)))
struct AMQPTracingTests {
    private func withClient(_ body: (AMQPClient, String) async throws -> Void) async throws {
        let queue = Broker.name("traced")
        let configuration = try await TestClient.configuration(RabbitMQ.shared.value.state.amqpURL)
        let topology = AMQPTopology(queues: [AMQPQueue(queue, autoDelete: true)])
        try await TestClient.with(configuration, topology: topology) { client, _ in try await body(client, queue) }
    }

    @Test("what is done with a message is beneath its publish, which is beneath the publisher's span")
    func oneTrace() async throws {
        let tracer = W3CTracer()
        try await withClient { client, queue in
            try await withTracer(tracer) {
                try await withSpan("order") { _ in
                    var message = AMQPMessage("1", to: queue)
                    message.properties.messageID = "m-1"
                    try await client.publish(message)
                }
                let consuming = Task {
                    try await client.consume(queue) { delivery in
                        withSpan("inside") { _ in }
                        let headers = try? delivery.properties.headers?.table()
                        #expect(headers?["traceparent"] != nil)
                        try? await delivery.ack()
                    }
                }
                try await eventually("the spans") { tracer.finishedSpans.count == 4 }
                consuming.cancel()
                try await consuming.value
            }
            let spans = tracer.finishedSpans
            func span(_ name: String) throws -> FinishedInMemorySpan {
                try #require(spans.first { $0.operationName == name }, "\(spans.map(\.operationName))")
            }
            let order = try span("order")
            let publish = try span("publish \(queue)")
            let process = try span("process \(queue)")
            #expect(Set(spans.map(\.traceID)).count == 1)
            #expect(publish.parentSpanID == order.spanID)
            #expect(process.parentSpanID == publish.spanID)
            #expect(try span("inside").parentSpanID == process.spanID)
            #expect(publish.kind == .producer)
            #expect(process.kind == .consumer)
            for (span, operation, type) in [(publish, "publish", "send"), (process, "process", "process")] {
                #expect(span.attributes.get("messaging.system") == .string("rabbitmq"))
                #expect(span.attributes.get("messaging.operation.name") == .string(operation))
                #expect(span.attributes.get("messaging.operation.type") == .string(type))
                #expect(span.attributes.get("messaging.destination.name") == .string(queue))
                #expect(span.attributes.get("messaging.message.id") == .string("m-1"))
                #expect(span.attributes.get("messaging.message.body.size") == .int64(1))
                #expect(span.attributes.get("server.address") == .string("127.0.0.1"))
            }
        }
    }

    @Test("a publish that is not confirmed says so; messages that go out together carry the task's context")
    func failureAndBatch() async throws {
        let tracer = W3CTracer()
        try await withClient { client, queue in
            try await withTracer(tracer) {
                var lost = AMQPMessage("1", to: Broker.name("nobody"))
                lost.mandatory = true
                let message = lost
                await #expect(throws: PublishError.self) { try await client.publish(message) }
                let failed = try #require(tracer.finishedSpans.first)
                #expect(failed.status?.code == .error)
                #expect(failed.attributes.get("error.type") == .string("returned"))

                try await withSpan("batch") { _ in
                    try await client.withChannel { channel in
                        _ = await channel.publish(contentsOf: [AMQPMessage("2", to: queue)])
                        try await channel.submit(AMQPMessage("3", to: queue)).confirmed()
                        for _ in 2...3 {
                            let got = try #require(try await channel.get(queue, needsSettlement: false))
                            let headers = try got.delivery.properties.headers?.table()
                            #expect(headers?["traceparent"] != nil)
                        }
                    }
                }
            }
        }
    }

    @Test("where nobody traces, messages go out as they are")
    func untraced() async throws {
        try await withClient { client, queue in
            try await client.publish(AMQPMessage("1", to: queue))
            try await client.withChannel { channel in
                let got = try #require(try await channel.get(queue, needsSettlement: false))
                #expect(got.delivery.properties.headers == nil)
            }
        }
    }
}
