import NIOCore

extension AMQPConnection {
    // MARK: Consumers

    func consume(
        _ method: Method.Basic.Consume,
        handlers: AMQPConsumerHandlers,
        on channel: AMQPChannel
    ) async throws(AMQPError) {
        let context = try context(of: channel)
        guard !method.consumerTag.isEmpty else {
            throw AMQPError(.invalidArgument, "a consumer's tag can't be empty", subject: .channel(channel.number))
        }
        let id = newID()
        let isNew = try machine.withChannel(channel.number) { machine, _ in
            machine.consumers.add(ConsumerRegistry.Consumer(id: id, noAck: method.noAck), tag: method.consumerTag)
        }
        guard isNew else {
            // The broker would close the whole connection over it.
            let message = "the channel has a consumer of that tag already"
            throw AMQPError(.invalidArgument, message, subject: .consumer(method.consumerTag))
        }
        context.consumers[id] = ConsumerContext(
            tag: method.consumerTag,
            needsSettlement: !method.noAck,
            handlers: handlers
        )
        do throws(AMQPError) {
            _ = try await call(method, on: channel)
        } catch {
            context.consumers[id] = nil
            guard error.code != .invalidArgument else {
                // Nothing of it went out.
                try? machine.withChannel(channel.number) { machine, _ in
                    machine.consumers.withdraw(id, tag: method.consumerTag)
                }
                throw error
            }
            // Once the broker has closed the channel, another may have its number.
            guard contexts[channel.number]?.channel === channel else { throw error }
            // It may come to be all the same: what it gets goes back, and its tag is taken, until the broker has
            // answered this.
            let cancel = Method.Basic.Cancel(consumerTag: method.consumerTag)
            try? machine.call(cancel, on: channel.number, PendingReply.Caller(id: nil), now: now)
            changed()
            throw error
        }
    }

    /// Ends a consumer. What comes until the broker's answer goes back to the queue.
    func cancel(_ tag: String, on channel: AMQPChannel) async throws(AMQPError) {
        let context = try context(of: channel)
        guard let (id, consumer) = context.consumers.first(where: { $0.value.tag == tag }), !consumer.isCancelling
        else { return }
        handOverDeliveries(of: context)
        consumer.isCancelling = true
        // Before the call: what is full by now would keep the answer from being read.
        consumer.handlers.cancelledHere()
        defer { context.consumers[id] = nil }
        _ = try await call(Method.Basic.Cancel(consumerTag: tag), on: channel)
    }

    func cancelledByBroker(_ id: UInt64, on context: ChannelContext) {
        guard let consumer = context.consumers.removeValue(forKey: id) else { return }
        let message =
            "the broker cancelled the consumer: its queue is gone or has moved to another node, or it held a delivery for too long"
        let error = AMQPError(.consumerCancelledByBroker, message, subject: .consumer(consumer.tag))
        consumer.handlers.cancelled(error)
    }

    // MARK: Deliveries

    /// Where deliveries wait for a task, and what brings them there; reading stops while it is full.
    ///
    /// - Parameter dropping: whether what is there is worthless once the consumer has ended for this reason.
    func makeBuffer(
        dropping: @escaping @Sendable (AMQPError) -> Bool
    ) -> (DeliveryBuffer, AMQPConsumerHandlers) {
        let buffer = DeliveryBuffer(maxBytes: machine.configuration.limits.maxBufferedDeliveryBytes) {
            self.eventLoop.execute { self.assumeIsolated { $0.resumeReading() } }
        }
        var handlers = AMQPConsumerHandlers(
            deliveries: { deliveries in
                if buffer.append(deliveries) { self.assumeIsolated { $0.pauseReading() } }
            },
            cancelled: { buffer.end(with: .failure($0), dropping: dropping($0)) }
        )
        handlers.cancelledHere = { buffer.end(with: .success(nil)) }
        return (buffer, handlers)
    }

    func collect(_ message: ReceivedMessage, for id: UInt64, on context: ChannelContext) {
        metrics.count(.delivered)
        if context.arrivedFor != id { handOverDeliveries(of: context) }
        let consumer = context.consumers[id]
        let delivery = AMQPDelivery(message, channel: context.channel, consumerTag: consumer?.tag ?? "")
        guard let consumer, !consumer.isCancelling else { return giveBack(delivery, on: context) }
        context.arrivedFor = id
        context.arrived.append(delivery)
        noteChange(of: context)
    }

    func handOverDeliveries(of context: ChannelContext) {
        guard !context.arrived.isEmpty else { return }
        let deliveries = context.arrived
        context.arrived = []
        guard let consumer = context.consumers[context.arrivedFor] else {
            for delivery in deliveries { giveBack(delivery, on: context) }
            return
        }
        if !consumer.needsSettlement { wasOfUse = true }
        consumer.handlers.deliveries(deliveries)
    }

    /// Nobody wants it any more. What needs no settlement, or is settled, stays as it is.
    func giveBack(_ delivery: AMQPDelivery, on context: ChannelContext) {
        try? settle(delivery.tag, as: .nack(requeue: true), on: context.channel)
    }

    // MARK: Settling

    func settle(_ tag: UInt64, as settlement: ChannelMachine.Settlement, on channel: AMQPChannel) throws(AMQPError) {
        let context = try settlingContext(of: channel)
        try machine.withChannel(channel.number) { machine, output throws(AMQPError) in
            try machine.settle(tag, as: settlement, output: &output)
        }
        context.hasSettled = true
        wasOfUse = true
        metrics.count(settlement == .ack ? .acknowledged : .rejected)
        changed()
    }

    func settle(through tag: UInt64, nackRequeue: Bool? = nil, on channel: AMQPChannel) throws(AMQPError) {
        let context = try settlingContext(of: channel)
        let count = try machine.withChannel(channel.number) { machine, output throws(AMQPError) in
            let outstanding = machine.deliveries.outstanding
            try machine.settle(through: tag, nackRequeue: nackRequeue, output: &output)
            return outstanding - machine.deliveries.outstanding
        }
        context.hasSettled = true
        wasOfUse = true
        metrics.count(nackRequeue == nil ? .acknowledged : .rejected, count)
        changed()
    }

    private func settlingContext(of channel: AMQPChannel) throws(AMQPError) -> ChannelContext {
        guard machine.isOpen, let context = contexts[channel.number], context.channel === channel, !context.isClosed
        else { throw .stale(channel.number) }
        return context
    }
}
