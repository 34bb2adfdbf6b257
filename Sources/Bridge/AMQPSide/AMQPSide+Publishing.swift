import AMQP
import Fedmsg
import Logging
import NIOCore
import Settings
import Spool

extension AMQPSide {
    /// Hands a batch over for publishing, from any executor.
    nonisolated func publish(_ batch: TranslatedBatch) {
        guard inbox.put(CollectionOfOne(batch)) else { return }
        eventLoop.execute { [weak self] in self?.assumeIsolated { $0.takeInbox() } }
    }

    /// Has the client keep a channel to publish on.
    func startPublishing() async throws(AMQPError) {
        try await client.keepPublishingChannel(
            opened: { [weak self] channel in self?.assumeIsolated { $0.channelOpened(channel) } },
            handlers: AMQPChannelHandlers(
                settled: { [weak self] settlements in self?.assumeIsolated { $0.settled(settlements) } },
                room: { [weak self] in self?.assumeIsolated { $0.pump() } },
                closed: { [weak self] error in self?.assumeIsolated { $0.channelEnded(error) } }
            )
        )
    }

    private func channelOpened(_ channel: AMQPChannel) {
        publishing = channel
        pump()
    }

    private func channelEnded(_ error: AMQPError) {
        publishing = nil
        endSilence()
        let effects =
            error.code == .channelClosedByBroker
            ? machine.channelClosed(.init(error), detail: "\(error)", now: clock.uptime)
            : machine.connectionLost(detail: "\(error)", now: clock.uptime)
        apply(effects)
        toAMQP.setInFlight(machine.inFlight)
    }

    // MARK: The machine

    private func takeInbox() {
        for batch in inbox.take() {
            // One may have been translated just before a reload.
            let batch = batch.exchange == configuration.toAMQP.exchange ? batch : batch.translated(by: newTranslator())
            apply(machine.enqueue(batch.messages, through: batch.through))
        }
        pump()
    }

    /// What waits goes to the exchange that the configuration names now: the other may never take it.
    func redirect() {
        let translator = newTranslator()
        var batches: [ObjectIdentifier: TranslatedBatch] = [:]
        machine.replaceMessages { message in
            let id = ObjectIdentifier(message.batch)
            let batch = batches[id] ?? message.batch.translated(by: translator)
            batches[id] = batch
            return BrokerMessage(batch: batch, place: message.place)
        }
    }

    private func newTranslator() -> ToAMQPTranslator { ToAMQPTranslator(configuration: configuration) }

    /// Sends what may go.
    func pump() {
        defer {
            toAMQP.setInFlight(machine.inFlight)
            watchForSilence()
        }
        guard !gate.isHeld, moves == 0, let channel = publishing?.syncOperations else { return }
        let now = clock.uptime
        if machine.inFlight == 0 { oldestMovedAt = now }
        var room = channel.room()
        while room > 0 {
            var messages: [BrokerMessage] = []
            while messages.count < room, let next = machine.next(now: now) {
                if let rejection = next.rejection {
                    apply(machine.couldNotSend(rejection.detail), reason: rejection.reason)
                } else {
                    messages.append(next)
                }
            }
            guard !messages.isEmpty else { break }
            room -= messages.count
            do throws(AMQPError) {
                let batch = try channel.publish { [messages] publish in
                    for message in messages { _ = publish(message.encoded) }
                }
                noteRefused(batch)
            } catch {
                // The channel is over; that it is comes to `closed`, and these messages go out again.
                return
            }
        }
        scheduleNextPump()
    }

    /// Some can't be sent at all: those behind one in its batch are those that were given later.
    private func noteRefused(_ batch: PublishedBatch) {
        for (index, refused) in batch.refused.enumerated().reversed() {
            let laterRefused = batch.refused.count - 1 - index
            let later = batch.taken - 1 - refused.offset - laterRefused
            apply(machine.couldNotSend("\(refused.error)", later: later), reason: .badHeaders)
        }
    }

    private func scheduleNextPump() {
        guard pumpTimer == nil, let until = machine.waitsUntil else { return }
        let delay = TimeAmount.nanoseconds(Int64(clamping: until - min(until, clock.uptime)))
        pumpTimer = eventLoop.scheduleTask(in: delay) { [weak self] in
            self?.assumeIsolated { side in
                side.pumpTimer = nil
                side.pump()
            }
        }
    }

    private func settled(_ settlements: [PublishSettlement]) {
        let now = clock.uptime
        let oldest = machine.sentOnChannelBase
        var confirmed: [BrokerMessage] = []
        var through: JournalPosition?
        for settlement in settlements {
            switch settlement.outcome {
            case .confirmed:
                noteAcceptance()
                let effects = machine.confirmed(settlement.numbers, now: now)
                confirmed += effects.confirmed
                reject(effects.refused, .refused)
                through = effects.settledThrough ?? through
            case .nacked:
                apply(machine.nacked(settlement.numbers, now: now))
                if machine.isGettingNowhere { noteNacks() }
            case .returned(let details):
                noteAcceptance()
                for number in settlement.numbers {
                    apply(machine.returned(number, detail: details.replyText), reason: .unroutable)
                }
            case .refused, .unknown: break  // What it means for each is decided when `closed` says why.
            }
        }
        if machine.sentOnChannelBase != oldest { endSilence() }
        forwarded(confirmed)
        // Told once, as it wakes the journal. Where further was told meanwhile, it says nothing new.
        if let through { journal.settle(through: through) }
        pump()
    }

    private func apply(_ effects: PublishMachine<BrokerMessage>.Effects, reason: RejectReason = .refused) {
        reject(effects.refused, reason)
        forwarded(effects.confirmed)
        if let through = effects.settledThrough { journal.settle(through: through) }
    }

    private func reject(_ refusals: [PublishMachine<BrokerMessage>.Refusal], _ reason: RejectReason) {
        for refusal in refusals {
            let rejection = Rejection(reason, refusal.detail)
            let letter = DeadLetter(
                rejection,
                received: refusal.message.received,
                receivedAt: refusal.message.receivedAt,
                rejectedAt: clock.now
            )
            toAMQP.rejected(reason)
            rejections.note(letter, rejection)
            journal.reject(at: refusal.position, letter)
        }
    }

    private func forwarded(_ messages: [BrokerMessage]) {
        guard !messages.isEmpty else { return }
        let now = clock.now
        toAMQP.forwarded(latencies: messages.lazy.map { Double(now - $0.receivedAt) / 1e6 })
    }
}

extension PublishMachine.Fault {
    /// Whose fault the broker's text says it is.
    init(_ error: AMQPError) {
        switch error.reply?.cause.culprit {
        case .message: self = .message
        case .exchange: self = .nobody
        case nil: self = .unclear
        }
    }
}

extension DeadLetter {
    /// A fedmsg that can't go on.
    init(_ rejection: Rejection, received: ReceivedMessage, receivedAt: Int64, rejectedAt: Int64) {
        let payload = received.payload
        self.init(
            direction: .toAMQP,
            reason: rejection.reason.rawValue,
            detail: rejection.detail,
            topic: String(decoding: received.topic.readableBytesView.prefix(DeadLetter.textLimit), as: UTF8.self),
            messageID: Envelope.messageID(of: payload.readableBytesSpan),
            frames: received.frames,
            receivedAt: receivedAt,
            rejectedAt: rejectedAt
        )
    }
}
