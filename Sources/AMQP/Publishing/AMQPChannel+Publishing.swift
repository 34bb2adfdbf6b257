import NIOCore

#if Tracing
import Tracing
#endif

extension AMQPChannel {
    // MARK: On the event loop

    /// Whether a publish may go out now: the window has room, the socket takes bytes, and the broker takes publishes.
    /// Where not, the channel's `room` handler says when. On the event loop.
    public var hasRoom: Bool { room > 0 }

    /// How many messages may go out now; where none, the channel's `room` handler says when. On the event loop.
    public var room: Int {
        connection.assumeIsolated { connection in
            guard let context = try? connection.context(of: self) else { return 0 }
            return connection.room(on: context)
        }
    }

    /// Whether the socket takes bytes: where not, what was published may still wait for it. On the event loop.
    package var isWritable: Bool { connection.assumeIsolated { $0.socket?.isWritable ?? false } }

    /// Publishes a message now; with all that this turn of the event loop publishes it goes out in one write. It is for
    /// the caller to look at ``room`` before. On the event loop.
    ///
    /// - Returns: the publish's number on this channel, which the `settled` handler will name.
    /// - Throws: ``AMQPError`` with `invalidArgument` where it can't be sent: nothing of it was, the channel goes
    ///   on, and it took no number; or the reason for which the channel is closed.
    public func publish(_ message: AMQPMessage) throws(AMQPError) -> UInt64 {
        try onEventLoop { connection throws(AMQPError) in try connection.publish(message, on: self) }
    }

    /// Publishes all of these messages now, in order, with one look at the channel. It is for the caller to look at
    /// ``room`` before. On the event loop.
    ///
    /// - Throws: ``AMQPError`` where the channel is closed: none went out.
    public func publish(all messages: some Collection<AMQPMessage> & Sendable) throws(AMQPError) -> PublishedBatch {
        try onEventLoop { connection throws(AMQPError) in try connection.publish(all: messages, on: self) }
    }

    /// Publishes now what `body` gives to its `publish`, in order, with one look at the channel. On the event loop.
    ///
    /// - Parameter body: does nothing else with the channel or its connection.
    /// - Throws: ``AMQPError`` where the channel is closed: none went out.
    package func publish(
        _ body: @Sendable (_ publish: (EncodedPublish) -> Bool) -> Void
    ) throws(AMQPError) -> PublishedBatch {
        try onEventLoop { connection throws(AMQPError) in try connection.publish(on: self, body) }
    }

    /// Publishes messages, in order, as many as there is room for. Where some are left, the channel's `room` handler
    /// says when to go on. On the event loop.
    ///
    /// - Throws: ``AMQPError`` where the channel is closed, or was opened without confirms: none went out.
    public func submit(_ messages: some Collection<AMQPMessage> & Sendable) throws(AMQPError) -> PublishedBatch {
        try onEventLoop { connection throws(AMQPError) in try connection.publish(messages, on: self) }
    }

    // MARK: From anywhere

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

extension AMQPChannel {
    func onEventLoop<Value: Sendable>(
        _ body: @Sendable (isolated AMQPConnection) throws(AMQPError) -> Value
    ) throws(AMQPError) -> Value {
        try connection.assumeIsolated { connection in
            Result { () throws(AMQPError) in try body(connection) }
        }.get()
    }
}

extension AMQPConnection {
    fileprivate func publish(_ message: AMQPMessage, on channel: AMQPChannel) async throws(PublishError) {
        guard !Task.isCancelled else { throw .notSent(.cancelledPublish(channel)) }
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
        guard !Task.isCancelled else { throw .notSent(.cancelledPublish(channel)) }
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
        guard !Task.isCancelled else {
            return Array(repeating: .failure(.notSent(.cancelledPublish(channel))), count: messages.count)
        }
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
