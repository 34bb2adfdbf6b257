#if Tracing
internal import NIOCore
internal import Tracing

/// A span of OpenTelemetry's conventions for messaging (`messaging.*`, as RabbitMQ's page has them).
struct MessagingSpan {
    let span: any Span

    /// The span of a publish; nil where nobody traces.
    init?(publishing message: AMQPMessage, to endpoint: AMQPEndpoint) {
        let tracer = InstrumentationSystem.tracer
        guard !(tracer is NoOpTracer) else { return nil }
        let target = message.exchange.isEmpty ? message.routingKey : message.exchange
        span = tracer.startAnySpan("publish \(target)", ofKind: .producer)
        let destination = [message.exchange, message.routingKey]
        describe("publish", type: "send", destination, message.properties, message.body, endpoint)
        span.attributes["messaging.rabbitmq.destination.routing_key"] = message.routingKey
    }

    /// The span in which a delivery is dealt with, beneath the publisher's; nil where nobody traces.
    init?(processing delivery: AMQPDelivery, of queue: String) {
        let tracer = InstrumentationSystem.tracer
        guard !(tracer is NoOpTracer) else { return nil }
        let properties = delivery.properties
        var context = InstrumentationContext.current ?? .topLevel
        tracer.extract(properties, into: &context, using: TraceHeaders())
        span = tracer.startAnySpan("process \(queue)", context: context, ofKind: .consumer)
        // Through the default exchange the routing key is the queue's name.
        let destination = [delivery.exchange, delivery.routingKey] + (delivery.routingKey == queue ? [] : [queue])
        let endpoint = delivery.channel.connection.endpoint
        describe("process", type: "process", destination, properties, delivery.body, endpoint)
        span.attributes["messaging.rabbitmq.destination.routing_key"] = delivery.routingKey
        span.attributes["messaging.rabbitmq.message.delivery_tag"] = Int64(clamping: delivery.tag)
    }

    /// The message with this span's context in its headers.
    func marking(_ message: AMQPMessage) -> AMQPMessage {
        var message = message
        InstrumentationSystem.instrument.inject(span.context, into: &message.properties, using: TraceHeaders())
        return message
    }

    /// - Parameter error: what became of the publish, where it was not confirmed.
    func end(_ error: PublishError? = nil) {
        if let error {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error))
            span.attributes["error.type"] = error.name
        }
        span.end()
    }

    private func describe(
        _ operation: String,
        type: String,
        _ destination: [String],
        _ properties: AMQPBasicProperties,
        _ body: ByteBuffer,
        _ endpoint: AMQPEndpoint
    ) {
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "rabbitmq"
            attributes["messaging.operation.name"] = operation
            attributes["messaging.operation.type"] = type
            attributes["messaging.destination.name"] = destination.filter { !$0.isEmpty }.joined(separator: ":")
            attributes["messaging.message.body.size"] = body.readableBytes
            if let id = properties.messageID { attributes["messaging.message.id"] = id }
            if let id = properties.correlationID { attributes["messaging.message.conversation_id"] = id }
            attributes["server.address"] = endpoint.host
            attributes["server.port"] = endpoint.port
        }
    }
}

extension PublishError {
    /// What `error.type` says: the case's name.
    fileprivate var name: String {
        switch self {
        case .notSent: "notSent"
        case .nacked: "nacked"
        case .returned: "returned"
        case .refused: "refused"
        case .outcomeUnknown: "outcomeUnknown"
        }
    }
}

extension AMQPMessage {
    /// With the context of the task's trace in its headers, where it has one.
    var carryingContext: AMQPMessage {
        guard let context = InstrumentationContext.current else { return self }
        var message = self
        InstrumentationSystem.instrument.inject(context, into: &message.properties, using: TraceHeaders())
        return message
    }
}

extension AMQPDelivery {
    /// Runs `body` in a span in which the delivery is dealt with, beneath the publisher's where the message carries its
    /// context (`traceparent` of W3C, as the tracer in use reads it). ``AMQPClient/consume(_:options:_:)`` does so by itself.
    ///
    /// - Parameters:
    ///   - queue: what it was consumed from; the span is called `process QUEUE`.
    ///   - body: runs in the span.
    /// - Throws: what `body` throws.
    public func withSpan<Value>(of queue: String, _ body: () async throws -> Value) async rethrows -> Value {
        guard let span = MessagingSpan(processing: self, of: queue) else { return try await body() }
        defer { span.end() }
        do {
            return try await InstrumentationContext.withValue(span.span.context) { try await body() }
        } catch {
            span.span.recordError(error)
            span.span.setStatus(SpanStatus(code: .error))
            throw error
        }
    }
}
#endif
