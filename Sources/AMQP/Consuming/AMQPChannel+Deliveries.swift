import NIOCore

extension AMQPChannel {
    /// Consumes from a queue while `body` runs, and cancels the consumer when it has returned or thrown. What arrived
    /// and `body` never saw goes back to the queue, or is lost where it needs no settlement; where the channel is lost, what
    /// needs none comes before the error.
    ///
    /// Deliveries wait in memory up to ``AMQPLimits/maxBufferedDeliveryBytes``; beyond that the connection's socket is
    /// not read, which holds up everything on the connection. So set a prefetch, and publish on another connection, as
    /// ``AMQPClient`` does: a `body` that waits here for a confirm behind what it has not taken waits for ever.
    ///
    /// - Parameters:
    ///   - queue: its name on the broker.
    ///   - tag: the consumer's name, not empty; nil makes one.
    ///   - needsSettlement: whether deliveries have to be acknowledged.
    ///   - exclusive: whether no other consumer may use the queue meanwhile.
    ///   - arguments: as `x-stream-offset` or `x-priority`.
    ///   - body: takes the deliveries.
    /// - Throws: ``AMQPError`` where consuming can't start, or what `body` throws.
    public func withConsumer<Value>(
        _ queue: String,
        tag: String? = nil,
        needsSettlement: Bool = true,
        exclusive: Bool = false,
        arguments: AMQPTable = [:],
        _ body: (Deliveries) async throws -> Value
    ) async throws -> Value {
        let (buffer, handlers) = await connection.makeBuffer { error in
            // What a lost channel brought can't be settled any more.
            needsSettlement && error.code != .consumerCancelledByBroker
        }
        let tag = if let tag { tag } else { "c\(await connection.newID())" }
        try await consume(
            queue,
            tag: tag,
            needsSettlement: needsSettlement,
            exclusive: exclusive,
            arguments: arguments,
            handlers: handlers
        )
        do {
            let value = try await body(Deliveries(buffer: buffer))
            await end(tag, buffer)
            return value
        } catch {
            await end(tag, buffer)
            throw error
        }
    }

    private func end(_ tag: String, _ buffer: DeliveryBuffer) async {
        // What is full by now would keep the answer from being read.
        buffer.giveUp()
        // A channel that is closed has no consumer to cancel, and a cancelled task need not wait for cancel-ok.
        try? await cancel(tag)
        for delivery in buffer.takeRest() {
            try? await delivery.nack(requeue: true)
        }
    }
}
