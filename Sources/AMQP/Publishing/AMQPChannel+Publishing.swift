import NIOCore

#if Tracing
import Tracing
#endif

extension AMQPChannel {
    /// Publishes a message and waits until the broker has it.
    ///
    /// A cancelled task's message that still waits for room is not sent; of one that went out the outcome is unknown. Traced, it
    /// is a span.
    ///
    /// - Throws: ``PublishError``, which tells apart what may be published again without risk of a duplicate.
    public func publish(_ message: AMQPMessage) async throws(PublishError) {
        #if Tracing
        if let span = MessagingSpan(publishing: message, to: connection.endpoint) {
            do throws(PublishError) {
                try await connection.publish(span.marking(message), on: self)
            } catch {
                span.end(error)
                throw error
            }
            return span.end()
        }
        #endif
        try await connection.publish(message, on: self)
    }

    /// Publishes messages in order, as fast as the window allows, and waits until the outcome of each is known. Traced, they
    /// carry the task's context, and have no spans of their own.
    ///
    /// - Returns: what became of each, in the same order.
    public func publish(
        contentsOf messages: some Collection<AMQPMessage> & Sendable
    ) async -> [Result<Void, PublishError>] {
        #if Tracing
        if InstrumentationContext.current != nil {
            return await connection.publish(contentsOf: messages.map(\.carryingContext), on: self)
        }
        #endif
        return await connection.publish(contentsOf: messages, on: self)
    }

    /// Publishes a message, waiting for room at most; ``PublishReceipt/confirmed()`` waits for the outcome. Traced, it
    /// carries the task's context, and has no span of its own.
    ///
    /// - Throws: ``PublishError`` with `notSent`.
    public func submit(_ message: AMQPMessage) async throws(PublishError) -> PublishReceipt {
        #if Tracing
        return try await connection.submit(message.carryingContext, on: self)
        #else
        return try await connection.submit(message, on: self)
        #endif
    }
}

extension AMQPConnection {
    fileprivate func publish(_ message: AMQPMessage, on channel: AMQPChannel) async throws(PublishError) {
        let id = newID()
        let result = await withTaskCancellationHandler {
            await awaitContinuation { continuation in
                publish(message, on: channel, waiter: .outcome(id: id, continuation), id: id)
            }
        } onCancel: {
            eventLoop.execute { self.assumeIsolated { $0.cancelPublish(id, on: channel) } }
        }
        try result.get()
    }

    fileprivate func submit(
        _ message: AMQPMessage,
        on channel: AMQPChannel
    ) async throws(PublishError) -> PublishReceipt {
        let id = newID()
        let result = await withTaskCancellationHandler {
            await awaitContinuation { continuation in
                publish(message, on: channel, waiter: .sending(id: id, continuation), id: id)
            }
        } onCancel: {
            eventLoop.execute { self.assumeIsolated { $0.cancelPublish(id, on: channel) } }
        }
        return try result.get()
    }

    fileprivate func publish(
        contentsOf messages: some Collection<AMQPMessage>,
        on channel: AMQPChannel
    ) async -> [Result<Void, PublishError>] {
        guard !messages.isEmpty else { return [] }
        let id = newID()
        return await withTaskCancellationHandler {
            await awaitContinuation { continuation in
                let group = PublishGroup(id: id, count: messages.count, continuation)
                for (index, message) in messages.enumerated() {
                    publish(message, on: channel, waiter: .group(group, index: index), id: id)
                }
            }
        } onCancel: {
            eventLoop.execute { self.assumeIsolated { $0.cancelPublish(id, on: channel) } }
        }
    }
}

extension AMQPError {
    static func cancelledPublish(_ channel: AMQPChannel) -> AMQPError {
        AMQPError(.cancelled, "the task that published was cancelled", subject: .channel(channel.number))
    }
}
