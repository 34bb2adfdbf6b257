import DequeModule
import Logging
import NIOCore

extension AMQPConnection {
    /// Deals with all that the machine has to say. Handlers of the user's may call back into the connection; what
    /// comes of it is dealt with in the same loop.
    func handleEvents() {
        guard !isHandlingEvents else { return }
        isHandlingEvents = true
        defer { isHandlingEvents = false }
        let now = now
        while let event = machine.nextEvent(now: now) {
            handle(event)
        }
    }

    private func handle(_ event: ConnectionMachine.Event) {
        switch event {
        case .channel(let number, let event):
            guard let context = contexts[number] else { return }
            handle(event, on: context)
        case .opened:
            openWaiter?.resume(returning: .success(()))
            openWaiter = nil
        case .blocked(let reason):
            onEvent(.blocked(reason: reason))
        case .unblocked:
            onEvent(.unblocked)
            offerRoom()
        case .tokenDue:
            renewToken()
        case .closed(let error):
            tokenRenewal?.cancel()
            openWaiter?.resume(returning: .failure(error))
            openWaiter = nil
            for request in requests.keys { answer(request, with: .failure(error)) }
            onEvent(.closed(error))
        }
    }

    private func handle(_ event: ChannelMachine.Event, on context: ChannelContext) {
        switch event {
        case .delivered(let consumer, let message):
            collect(message, for: consumer, on: context)
            return
        case .publishingChanged:
            noteChange(of: context)
            return
        default:
            // What came before is told before.
            handOverDeliveries(of: context)
        }
        switch event {
        case .delivered, .publishingChanged: break
        case .replied(let request, let method):
            answer(request, with: .success(.method(method)))
        case .got(let request, let message, let messageCount):
            metrics.count(.delivered)
            let delivery = AMQPDelivery(message, channel: context.channel, consumerTag: "")
            guard isAwaited(request) else { return giveBack(delivery, on: context) }
            answer(request, with: .success(.got(delivery, messageCount: messageCount)))
        case .timedOut(let request, let method):
            let message = "no answer to \(method) within \(machine.configuration.replyTimeout)"
            let error = AMQPError(.replyTimedOut, message, subject: .channel(context.channel.number))
            answer(request, with: .failure(error))
        case .consumerCancelled(let consumer):
            cancelledByBroker(consumer, on: context)
        case .closed(let error, let failed, let settlements):
            close(context, because: error, failed: failed, settlements)
        case .released(let closer):
            contexts[context.channel.number] = nil
            guard let closer else { return }
            answer(closer, with: .success(.method(.channelCloseOk(.init()))))
        }
    }

    private func close(
        _ context: ChannelContext,
        because error: AMQPError,
        failed: [UInt64],
        _ settlements: [PublishSettlement]
    ) {
        guard !context.isClosed else { return }
        context.isClosed = true
        settle(settlements, on: context)
        for request in failed {
            answer(request, with: .failure(error))
        }
        for publish in context.queue { publish.waiter.fail(.notSent(error)) }
        context.queue = []
        let consumers = context.consumers.sorted { $0.key < $1.key }
        context.consumers = [:]
        for (_, consumer) in consumers { consumer.handlers.cancelled(error) }
        context.handlers.closed(error)
        // Whoever is told of the end may look at what came before it.
        let number = context.channel.number
        if machine.isFree(number), contexts[number] === context { contexts[number] = nil }
    }

    func noteChange(of context: ChannelContext) {
        guard !context.isChanged else { return }
        context.isChanged = true
        changedContexts.append(context)
    }

    /// Tells what was gathered since the last time, in batches.
    func handOver() {
        while !changedContexts.isEmpty {
            let contexts = changedContexts
            changedContexts = []
            for context in contexts {
                context.isChanged = false
                handOverDeliveries(of: context)
                handOverSettlements(of: context)
            }
        }
    }
}
