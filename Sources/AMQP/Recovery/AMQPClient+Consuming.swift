internal import NIOCore

extension AMQPClient {
    /// Consumes from a queue until the task is cancelled or the client closes, one delivery after the other: the next
    /// is taken when `body` has returned. Comes back after losses.
    ///
    /// ```swift
    /// try await client.consume("orders") { delivery in
    ///     await handle(delivery.body)
    ///     try? await delivery.ack()  // fails where the connection was lost; then it comes again
    /// }
    /// ```
    ///
    /// A queue that is missing, or may not be read, is tried again and again, and each time told to the log and as an event.
    /// What `body` has in hand when the task is cancelled may still be settled within
    /// ``AMQPConfiguration/drainTimeout``. A `body` whose deliveries fill the buffer waits for ever for any other answer on
    /// the consuming connection, which is not read then; publishing has one of its own. What has arrived and needs no settlement
    /// is handed out after a loss too, before the consumer starts again.
    ///
    /// - Parameters:
    ///   - queue: its name, or the alias of one that the broker names.
    ///   - options: prefetch and the like.
    ///   - body: called with each delivery, which it settles.
    /// - Throws: ``AMQPError``, where the broker closed the channel twice in the same way with nothing settled in between, or
    ///   the connection, as over a stream without settlement.
    public nonisolated func consume(
        _ queue: String,
        options: AMQPConsumerOptions = AMQPConsumerOptions(),
        _ body: (AMQPDelivery) async -> Void
    ) async throws(AMQPError) {
        let (sessions, newSessions) = AsyncStream.makeStream(
            of: (buffer: DeliveryBuffer, turn: AsyncStream<Void>.Continuation).self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let needsSettlement = options.needsSettlement
        let consumer = try await register(queue, options) { connection in
            // What an earlier run brought can't be settled any more.
            let (buffer, handlers) = connection.assumeIsolated { $0.makeBuffer { _ in needsSettlement } }
            let (turns, turn) = AsyncStream.makeStream(of: Void.self)
            newSessions.yield((buffer, turn))
            return AMQPConsumer.Session(
                handlers: handlers,
                starting: {
                    // What needs no settlement is handed out first.
                    if !needsSettlement { for await _ in turns {} }
                },
                end: { buffer.giveUp() },
                takeRest: { buffer.takeRest() }
            )
        }
        let failure = await withTaskCancellationHandler {
            await withTaskGroup(of: AMQPError?.self) { group in
                group.addTask {
                    defer { newSessions.finish() }
                    do throws(AMQPError) {
                        try await consumer.run()
                        return nil
                    } catch {
                        return error
                    }
                }
                for await (buffer, turn) in sessions {
                    turn.finish()
                    // Its end is the consumer's matter, and told there.
                    while !Task.isCancelled, let delivery = try? await buffer.next() {
                        #if Tracing
                        await delivery.withSpan(of: queue) { await body(delivery) }
                        #else
                        await body(delivery)
                        #endif
                    }
                    // What was in hand is settled by now, or will not be.
                    if Task.isCancelled { await consumer.end() }
                }
                return await group.next() ?? nil
            }
        } onCancel: {
            Task { await consumer.end(within: configuration.drainTimeout) }
        }
        await unregister(consumer)
        if let failure { throw failure }
    }

    /// Starts a consumer with handlers on the event loop, which runs until it is stopped or the client closes. To be
    /// called before or while the client runs.
    ///
    /// - Parameters:
    ///   - queue: its name, or the alias of one that the broker names.
    ///   - options: prefetch and the like.
    ///   - isPaused: whether it begins only with ``AMQPConsumer/resume()``.
    ///   - starting: waited for before each start, the first one included: nothing is delivered meanwhile, and what an
    ///     earlier run left can be put away.
    ///   - handlers: `deliveries` that arrived together, in order; `cancelled` whenever the consumer stops running.
    /// - Throws: ``AMQPError`` with `invalidConfiguration` where the client has no consuming connection, or with `shutDown` where
    ///   it is closed.
    @discardableResult
    public func startConsumer(
        _ queue: String,
        options: AMQPConsumerOptions = AMQPConsumerOptions(),
        isPaused: Bool = false,
        starting: @escaping @Sendable () async -> Void = {},
        handlers: AMQPConsumerHandlers
    ) throws(AMQPError) -> AMQPConsumer {
        // It would not start, and nothing would tell so.
        guard !isClosing else { throw .closedClient }
        let consumer = try register(queue, options, isPaused: isPaused) { _ in
            AMQPConsumer.Session(handlers: handlers, starting: starting)
        }
        newJobs.yield {
            // Its failure is told as an event.
            try? await consumer.run()
            await self.unregister(consumer)
        }
        return consumer
    }

    private func register(
        _ queue: String,
        _ options: AMQPConsumerOptions,
        isPaused: Bool = false,
        _ makeSession: @escaping @Sendable (AMQPConnection) -> AMQPConsumer.Session
    ) throws(AMQPError) -> AMQPConsumer {
        let consumer = AMQPConsumer(
            queue,
            options: options,
            isPaused: isPaused,
            on: try connection(of: .consuming),
            eventLoop: eventLoop,
            makeSession: makeSession,
            stopped: { [weak self] consumer in await self?.unregister(consumer) }
        )
        consumers[ObjectIdentifier(consumer)] = consumer
        return consumer
    }

    private func unregister(_ consumer: AMQPConsumer) async {
        // Only once: its queue may have been declared for another one meanwhile.
        guard consumers.removeValue(forKey: ObjectIdentifier(consumer)) != nil else { return }
        guard !consumers.values.contains(where: { $0.queue == consumer.queue }) else { return }
        for connection in connections { await connection.forgetAutoDeleteQueue(consumer.queue) }
    }
}
