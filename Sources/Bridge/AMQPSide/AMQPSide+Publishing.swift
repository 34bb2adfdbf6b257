import AMQP
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
    func startPublishing() async {
        await client.keepPublishingChannel(
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
            apply(machine.enqueue(batch.messages, through: batch.through))
        }
        pump()
    }

    /// Sends what may go.
    func pump() {
        guard !gate.isHeld, let channel = publishing else { return }
        var room = channel.room
        while room > 0, let next = machine.next(now: clock.uptime) {
            do throws(AMQPError) {
                _ = try channel.publish(next.message)
                room -= 1
            } catch  where error.code == .invalidArgument {
                apply(machine.couldNotSend("\(error)"), reason: .badHeaders)
            } catch {
                // The channel is over; that it is comes to `closed`, and this message goes out again.
                return
            }
        }
        toAMQP.setInFlight(machine.inFlight)
        scheduleNextPump()
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
        for settlement in settlements {
            switch settlement.outcome {
            case .confirmed:
                noteAcceptance()
                apply(machine.confirmed(settlement.numbers, now: now))
            case .nacked: apply(machine.nacked(settlement.numbers, now: now))
            case .returned(let details):
                noteAcceptance()
                for number in settlement.numbers {
                    apply(machine.returned(number, detail: details.replyText), reason: .unroutable)
                }
            case .refused, .unknown: break  // What it means for each is decided when `closed` says why.
            }
        }
        pump()
    }

    private func apply(_ effects: PublishMachine<BrokerMessage>.Effects, reason: RejectReason = .refused) {
        for refusal in effects.refused {
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
        if !effects.confirmed.isEmpty {
            let now = clock.now
            toAMQP.forwarded(latencies: effects.confirmed.lazy.map { Double(now - $0.receivedAt) / 1e6 })
        }
        if let through = effects.settledThrough { journal.settle(through: through) }
    }
}

extension PublishMachine.Fault {
    /// Whose fault the broker's text says it is.
    init(_ error: AMQPError) {
        switch error.reply?.cause {
        case .topicRefused, .messageTooLarge: self = .message
        case .exchangeRefused, .exchangeMissing: self = .nobody
        default: self = .unclear
        }
    }
}

extension DeadLetter {
    /// A fedmsg that can't go on.
    init(_ rejection: Rejection, received: ReceivedMessage, receivedAt: Int64, rejectedAt: Int64) {
        self.init(
            direction: .toAMQP,
            reason: rejection.reason.rawValue,
            detail: rejection.detail,
            topic: String(decoding: received.topic.readableBytesView, as: UTF8.self),
            frames: received.frames,
            receivedAt: receivedAt,
            rejectedAt: rejectedAt
        )
    }
}
