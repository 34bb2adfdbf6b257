import DequeModule
import NIOCore

extension AMQPConnection {
    // MARK: Room

    /// How many messages may go out now. Where it is none, the channel's handler hears of it when there is room again.
    func room(on context: ChannelContext) -> Int {
        let number = Int(context.channel.number)
        guard machine.isOpen, !machine.isBlocked, !context.isClosed, socket?.isWritable == true,
            !isHeld || machine.channels[number]?.isTransactional == true,
            let room = machine.channels[number]?.room(in: context.window), room > 0
        else {
            context.wantsRoom = true
            return 0
        }
        return room
    }

    /// What had to wait may go on, as far as there is room.
    func offerRoom() {
        for context in contexts.values { offerRoom(on: context) }
    }

    private func offerRoom(on context: ChannelContext) {
        while !context.queue.isEmpty, room(on: context) > 0 {
            send(context.queue.removeFirst(), on: context)
        }
        guard context.wantsRoom, context.queue.isEmpty, room(on: context) > 0 else { return }
        context.wantsRoom = false
        context.handlers.room()
    }

    // MARK: Draining

    /// Makes publishers wait, or go on.
    func setHeld(_ isHeld: Bool) {
        self.isHeld = isHeld
        offerRoom()
    }

    /// Waits until no publish is unsettled and no transaction under way any more on any channel, or the task is cancelled.
    func allSettled() async {
        let id = newID()
        await withTaskCancellationHandler {
            guard hasUnsettled, !Task.isCancelled else { return }
            await withCheckedContinuation { settledWaiters[id] = $0 }
        } onCancel: {
            eventLoop.execute { self.assumeIsolated { $0.settledWaiters.removeValue(forKey: id)?.resume() } }
        }
    }

    func endSettledWaits() {
        guard !settledWaiters.isEmpty, !hasUnsettled else { return }
        for waiter in settledWaiters.values { waiter.resume() }
        settledWaiters = [:]
    }

    private var hasUnsettled: Bool {
        contexts.keys.contains { number in
            guard let channel = machine.channels[Int(number)] else { return false }
            return channel.confirms.outstanding > 0 || channel.isTransactional && channel.isOpen
        }
    }

    // MARK: Publishing

    /// Publishes now, whatever room there is.
    func publish(_ message: AMQPMessage, on channel: AMQPChannel) throws(AMQPError) -> UInt64 {
        _ = try context(of: channel)
        let number = try machine.withChannel(channel.number) { machine, output throws(AMQPError) in
            try machine.publish(message, output: &output)
        }
        metrics.count(.published)
        changed()
        return number
    }

    /// Publishes now, if there is room.
    func publish(ifRoomFor message: AMQPMessage, on channel: AMQPChannel) throws(AMQPError) -> UInt64? {
        guard room(on: try context(of: channel)) > 0 else {
            try checkConfirming(channel)
            return nil
        }
        return try publish(message, on: channel)
    }

    /// Publishes in order as long as there is room.
    func publish(
        upToRoom messages: some Collection<AMQPMessage>,
        on channel: AMQPChannel
    ) throws(AMQPError) -> PublishedBatch {
        let context = try context(of: channel)
        let window = room(on: context) > 0 ? context.window : PublishWindow(messages: 0, bytes: 0)
        let batch = try publish(on: channel, within: window) { (publish: (AMQPMessage) -> Bool) in
            for message in messages {
                guard publish(message) else { break }
            }
        }
        if batch.taken < messages.count {
            try checkConfirming(channel)
            context.wantsRoom = true
        }
        return batch
    }

    /// Publishes what `body` gives to its `publish`, in order, with one look at the channel, as long as a window has room;
    /// all, whatever room there is, without one.
    ///
    /// - Parameter body: has the channel to itself: it does nothing else with the connection. Its `publish` says whether
    ///   there was room for the message.
    func publish<Message: Publishable>(
        on channel: AMQPChannel,
        within window: PublishWindow? = nil,
        _ body: (_ publish: (Message) -> Bool) -> Void
    ) throws(AMQPError) -> PublishedBatch {
        _ = try context(of: channel)
        let batch = try machine.withChannel(channel.number) { machine, output throws(AMQPError) in
            var batch = PublishedBatch(startingAt: machine.confirms.nextNumber)
            body { message in
                if let window, machine.room(in: window) == 0 { return false }
                do throws(AMQPError) {
                    _ = try machine.publish(message, output: &output)
                    batch.published()
                } catch {
                    batch.refused(error)
                }
                return true
            }
            return batch
        }
        metrics.count(.published, batch.numbers.count)
        changed()
        return batch
    }

    /// Publishes at once where there is room and nobody waits, or else when it is this one's turn.
    func publish(_ message: AMQPMessage, on channel: AMQPChannel, waiter: PublishWaiter, id: UInt64) {
        // A task that was cancelled before, or on the way here, has left nothing to find for cancelPublish(_:on:).
        guard !Task.isCancelled else { return waiter.fail(.notSent(.cancelledPublish(channel))) }
        do throws(AMQPError) {
            let context = try context(of: channel)
            let publish = QueuedPublish(id: id, message: message, waiter: waiter)
            if context.queue.isEmpty, room(on: context) > 0 {
                send(publish, on: context)
            } else {
                try checkConfirming(channel)
                context.queue.append(publish)
            }
        } catch {
            waiter.fail(.notSent(error))
        }
    }

    /// Without confirms there is never any room to wait for.
    private func checkConfirming(_ channel: AMQPChannel) throws(AMQPError) {
        guard machine.channels[Int(channel.number)]?.isConfirming == true else {
            throw .withoutConfirms(channel.number)
        }
    }

    private func send(_ publish: QueuedPublish, on context: ChannelContext) {
        do throws(AMQPError) {
            let number = try self.publish(publish.message, on: context.channel)
            if case .sending(_, let continuation) = publish.waiter {
                let receipt = PublishReceipt(number: number)
                context.waiters[number] = .receipt(receipt)
                continuation.resume(returning: .success(receipt))
            } else {
                context.waiters[number] = publish.waiter
            }
        } catch {
            publish.waiter.fail(.notSent(error))
        }
    }

    /// The task that published was cancelled. What went out keeps its number, and what comes for it is dropped.
    func cancelPublish(_ id: UInt64, on channel: AMQPChannel) {
        guard let context = contexts[channel.number], context.channel === channel else { return }
        let error = AMQPError.cancelledPublish(channel)
        for publish in context.queue where publish.id == id { publish.waiter.fail(.notSent(error)) }
        context.queue.removeAll { $0.id == id }
        for (number, waiter) in context.waiters where waiter.id == id {
            context.waiters[number] = nil
            waiter.fail(.outcomeUnknown(error))
        }
    }

    // MARK: Settlements

    func handOverSettlements(of context: ChannelContext) {
        guard !context.isClosed else { return }
        settle(machine.takeSettlements(of: context.channel.number), on: context)
        offerRoom(on: context)
    }

    func settle(_ settlements: [PublishSettlement], on context: ChannelContext) {
        guard !settlements.isEmpty else { return }
        for settlement in settlements {
            metrics.count(settlement.outcome.event, settlement.numbers.count)
            if settlement.outcome.isConfirmed { wasOfUse = true }
        }
        if !context.waiters.isEmpty {
            for settlement in settlements {
                for number in settlement.numbers {
                    context.waiters.removeValue(forKey: number)?.settle(settlement.outcome)
                }
            }
        }
        context.handlers.settled(settlements)
    }
}

extension ChannelMachine {
    /// How many more messages may go out.
    func room(in window: PublishWindow) -> Int {
        guard canPublish, confirms.outstandingBytes < window.bytes else { return 0 }
        return max(0, window.messages - confirms.span)
    }
}
