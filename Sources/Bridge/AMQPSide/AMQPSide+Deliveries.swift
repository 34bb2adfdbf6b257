import AMQP
import Fedmsg
import Logging
import NIOCore
import Spool

// Deliveries on their way to libzmq.
extension AMQPSide {
    func received(_ deliveries: [AMQPDelivery], from queue: String) {
        guard let run = runs.firstIndex(where: { $0.queue == queue }) else { return }
        let epoch = runs[run].epoch
        let now = clock.now
        var messages: [FedmsgDraft] = []
        messages.reserveCapacity(deliveries.count)
        for delivery in deliveries {
            let reference = DeliveryReference(epoch: epoch, tag: delivery.tag)
            runs[run].opened(delivery.tag, on: delivery.channel)
            // What still comes once consumers are told to rest is never decided, and goes back with the channel.
            if isResting { continue }
            do throws(Rejection) {
                switch try translator.translate(.init(delivery), receivedAt: now) {
                case .drop(let reason): drop(reference, reason, at: now)
                case .forward(let translation):
                    switch duplicates.received(translation, as: reference, at: now) {
                    case .first: messages.append(draft(translation, .delivery(reference), receivedAt: now))
                    case .duplicate: drop(reference, .duplicate, at: now)
                    case .copy: break
                    }
                }
            } catch {
                reject(delivery, reference, error, at: now)
            }
        }
        noteInHand()
        if !messages.isEmpty { writer.write(messages) }
    }

    func draft(
        _ translation: ToFedmsgTranslator.Translation,
        _ origin: OutgoingFedmsg.Origin,
        receivedAt: Int64
    ) -> FedmsgDraft {
        counter += 1
        var envelope = translation.envelope
        envelope.i = counter
        return FedmsgDraft(
            envelope: envelope,
            body: translation.body,
            origin: origin,
            receivedAt: receivedAt,
            identity: translation.identity
        )
    }

    private func drop(_ reference: DeliveryReference, _ reason: DropReason, at time: Int64) {
        noteDropped(reason, at: time)
        decided(reference)
    }

    /// One that waited for another, which has been sent.
    private func dropCopy(_ reference: DeliveryReference, at time: Int64) {
        guard let run = run(of: reference) else { return }
        noteDropped(.duplicate, at: time)
        runs[run].decided(reference.tag)
    }

    func noteDropped(_ reason: DropReason, at time: Int64?) {
        toFedmsg.received(1, at: time.map { Double($0) / 1e6 })
        toFedmsg.dropped(reason)
    }

    func noteRejected(_ reason: RejectReason, at time: Int64?) {
        toFedmsg.received(1, at: time.map { Double($0) / 1e6 })
        toFedmsg.rejected(reason)
    }

    /// Keeps a message that can't be bridged, and acknowledges it only then.
    private func reject(
        _ delivery: AMQPDelivery,
        _ reference: DeliveryReference,
        _ rejection: Rejection,
        at time: Int64
    ) {
        guard let run = run(of: reference) else { return }
        runs[run].waits(reference.tag)
        let messageID = delivery.properties.messageID
        let key = LettersUnderWay.Key(
            queue: runs[run].queue,
            topic: delivery.routingKey,
            messageID: messageID,
            body: delivery.body
        )
        if delivery.redelivered, letters.pass(key, to: reference, where: { self.run(of: $0) == nil }) { return }
        let letter = DeadLetter(
            direction: .toFedmsg,
            reason: rejection.reason.rawValue,
            detail: rejection.detail,
            topic: delivery.routingKey,
            messageID: messageID,
            frames: [delivery.body],
            properties: delivery.encodedProperties,
            receivedAt: time,
            rejectedAt: time
        )
        let number = letters.add(key, reference)
        journal.keep(letter) { [self, eventLoop] in
            eventLoop.execute { self.assumeIsolated { $0.kept(letter, rejection, key, number) } }
        }
    }

    private func kept(_ letter: DeadLetter, _ rejection: Rejection, _ key: LettersUnderWay.Key, _ number: UInt64) {
        guard let reference = letters.remove(key, number), run(of: reference) != nil else { return }
        noteRejected(rejection.reason, at: letter.receivedAt)
        rejections.note(letter, rejection)
        decided(reference)
    }

    /// libzmq has taken these.
    nonisolated func taken(_ messages: [FedmsgSide.Taken]) {
        eventLoop.execute { [weak self] in self?.assumeIsolated { $0.forwarded(messages) } }
    }

    private func forwarded(_ messages: [FedmsgSide.Taken]) {
        let newest = messages.last { $0.message.entry.origin.epoch != nil }
        toFedmsg.received(messages.count, at: newest.map { Double($0.at) / 1e6 })
        toFedmsg.forwarded(latencies: messages.lazy.map { Double($0.at - $0.message.entry.receivedAt) / 1e6 })
        for taken in messages {
            let (message, entry) = (taken.message, taken.message.entry)
            let (isRewritten, copies) = duplicates.sent(entry.identity, at: taken.at)
            for copy in copies { dropCopy(copy.reference, at: taken.at) }
            switch entry.origin {
            case .deadLetter(let id) where awaitsFlush: unflushedRetries.append(id)
            case .deadLetter(let id): journal.settleRetry(of: id)
            case .delivery(let reference):
                if isRewritten { rewrites.note(.toFedmsg, id: message.messageID, topic: message.topic) }
                // One of an earlier run comes again, and is then known.
                if let run = run(of: reference) { runs[run].decided(reference.tag) }
            }
        }
        acknowledge()
    }
}

extension ToFedmsgTranslator.Source {
    init(_ delivery: AMQPDelivery) {
        self.init(
            routingKey: delivery.routingKey,
            hasInvalidRoutingKey: delivery.hasInvalidText,
            properties: delivery.properties,
            body: delivery.body
        )
    }
}
