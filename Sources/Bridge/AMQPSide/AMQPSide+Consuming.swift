import AMQP
import Fedmsg
import Logging
import NIOCore
import Settings
import Spool

extension AMQPSide {
    /// Consumes on a connection, on one channel after the other, until the connection ends.
    func consume(on connection: AMQPConnection) async {
        while await connection.failure == nil, !Task.isCancelled, !isStopping {
            let (ended, end) = AsyncStream.makeStream(of: AMQPError.self, bufferingPolicy: .bufferingOldest(1))
            do throws(AMQPError) {
                let queues = try await declareQueues(on: connection)
                // What is in hand from an earlier channel comes again: it must not go out twice.
                await forgetFedmsgs()
                let channel = try await connection.openChannel(
                    confirms: false,
                    handlers: AMQPChannelHandlers(closed: { error in
                        end.yield(error)
                        end.finish()
                    })
                )
                begin(on: channel)
                try await channel.setPrefetch(configuration.qos.prefetchCount)
                for queue in queues { try await consume(queue, on: channel, ended: end) }
                board.clearReasons(source: BrokerRole.consuming.rawValue, except: .blocked)
                board.setConsuming(true)
                for await error in ended { note(error, .consuming) }
                board.setConsuming(false)
                try? await channel.close()
            } catch {
                note(error, .consuming)
                try? await Task.sleep(for: .seconds(1))
            }
            consuming = nil
        }
    }

    /// No more is taken from the broker; what is in hand still goes out.
    func stopConsuming() async {
        isStopping = true
        guard let consuming else { return }
        for queue in configuration.queues { try? await consuming.cancel(Self.tag(of: queue.name)) }
    }

    /// Whether deliveries are not yet acknowledged.
    var hasDeliveries: Bool { mark.count > 0 && consuming != nil }

    private static func tag(of queue: String) -> String { "fedmsg-bridge-\(queue)" }

    private func begin(on channel: AMQPChannel) {
        consuming = channel
        epoch += 1
        mark.forget()
        pending.removeAll()
    }

    private func consume(
        _ queue: String,
        on channel: AMQPChannel,
        ended: AsyncStream<AMQPError>.Continuation
    ) async throws(AMQPError) {
        try await channel.consume(
            queue,
            tag: Self.tag(of: queue),
            handlers: AMQPConsumerHandlers(
                deliveries: { [weak self] deliveries in self?.assumeIsolated { $0.received(deliveries) } },
                cancelled: { error in
                    ended.yield(error)
                    ended.finish()
                }
            )
        )
    }

    /// Declares queues as configured, and binds them: as in fedora-messaging, passive declares or not.
    ///
    /// - Returns: the names to consume from.
    private func declareQueues(on connection: AMQPConnection) async throws(AMQPError) -> [String] {
        var names: [String] = []
        for queue in configuration.queues {
            try await declare(on: connection) { channel, passive throws(AMQPError) in
                try await channel.declare(AMQPQueue(queue), passive: passive)
            }
            names.append(queue.name)
        }
        let channel = try await connection.openChannel(confirms: false)
        for binding in configuration.bindings {
            for key in binding.routingKeys {
                let queue = binding.queue ?? names.first ?? ""
                try await channel.bind(AMQPBinding(from: binding.exchange, to: .queue(queue), routingKey: key))
            }
        }
        try await channel.close()
        return names
    }

    // MARK: Deliveries

    private func received(_ deliveries: [AMQPDelivery]) {
        let now = clock.now
        var messages: [FedmsgWriter.Draft] = []
        messages.reserveCapacity(deliveries.count)
        for delivery in deliveries {
            mark.opened(delivery.tag)
            do throws(Rejection) {
                switch try translator.translate(.init(delivery), receivedAt: now) {
                case .drop(let reason): drop(delivery, reason, at: now)
                case .forward(let translation):
                    guard !isKnown(translation.identity, at: now) else {
                        drop(delivery, .duplicate, at: now)
                        continue
                    }
                    messages.append(draft(translation, .delivery(reference(delivery)), receivedAt: now))
                }
            } catch {
                reject(delivery, error, at: now)
            }
        }
        toFedmsg.setInFlight(mark.count)
        if !messages.isEmpty { writer.write(messages) }
    }

    private func isKnown(_ identity: MessageDigest, at time: Int64) -> Bool {
        guard pending[identity] == nil, !duplicates.contains(identity, at: time) else { return true }
        pending[identity] = 1
        return false
    }

    private func draft(
        _ translation: ToFedmsgTranslator.Translation,
        _ origin: OutgoingFedmsg.Origin,
        receivedAt: Int64
    ) -> FedmsgWriter.Draft {
        counter += 1
        var envelope = translation.envelope
        envelope.i = counter
        let message = OutgoingFedmsg(
            topic: translation.topic,
            payload: ByteBuffer(),
            origin: origin,
            receivedAt: receivedAt,
            identity: translation.identity
        )
        return FedmsgWriter.Draft(envelope: envelope, body: translation.body, message: message)
    }

    private func drop(_ delivery: AMQPDelivery, _ reason: DropReason, at time: Int64) {
        toFedmsg.received(1, at: Double(time) / 1e6)
        toFedmsg.dropped(reason)
        decided(reference(delivery))
    }

    /// Keeps a message that can't be bridged, and acknowledges it only then.
    private func reject(_ delivery: AMQPDelivery, _ rejection: Rejection, at time: Int64) {
        let letter = DeadLetter(
            direction: .toFedmsg,
            reason: rejection.reason.rawValue,
            detail: rejection.detail,
            topic: delivery.routingKey,
            messageID: delivery.properties.messageID,
            frames: [delivery.body],
            properties: delivery.encodedProperties,
            receivedAt: time,
            rejectedAt: time
        )
        let reference = reference(delivery)
        journal.keep(letter) { [self, eventLoop] in
            eventLoop.execute { self.assumeIsolated { $0.kept(letter, rejection, reference) } }
        }
    }

    private func kept(_ letter: DeadLetter, _ rejection: Rejection, _ reference: DeliveryReference) {
        guard reference.epoch == epoch else { return }
        toFedmsg.received(1, at: Double(letter.receivedAt) / 1e6)
        toFedmsg.rejected(rejection.reason)
        rejections.note(letter, rejection)
        decided(reference)
    }

    /// libzmq has taken these.
    nonisolated func taken(_ messages: [OutgoingFedmsg]) {
        eventLoop.execute { [weak self] in self?.assumeIsolated { $0.forwarded(messages) } }
    }

    private func forwarded(_ messages: [OutgoingFedmsg]) {
        let now = clock.now
        toFedmsg.received(messages.count, at: Double(now) / 1e6)
        toFedmsg.forwarded(latencies: messages.lazy.map { Double(now - $0.receivedAt) / 1e6 })
        var through: UInt64?
        for message in messages {
            pending[message.identity] = nil
            duplicates.insert(message.identity, at: message.receivedAt)
            switch message.origin {
            case .deadLetter(let id): journal.settleRetry(of: id)
            // One of an earlier channel comes again, and is then known.
            case .delivery(let reference) where reference.epoch == epoch:
                through = mark.decided(reference.tag) ?? through
            case .delivery: break
            }
        }
        acknowledge(through)
    }

    private func reference(_ delivery: AMQPDelivery) -> DeliveryReference {
        DeliveryReference(epoch: epoch, tag: delivery.tag)
    }

    private func decided(_ reference: DeliveryReference) {
        acknowledge(mark.decided(reference.tag))
    }

    private func acknowledge(_ through: UInt64?) {
        toFedmsg.setInFlight(mark.count)
        guard let through, let consuming else { return }
        do throws(AMQPError) {
            try consuming.acknowledge(through: through)
        } catch {
            // The channel went while these were on their way: the broker delivers them again.
            logger.debug("not acknowledged", metadata: [LogKey.error: "\(error)"])
        }
    }
}

// MARK: Dead letters that are tried again

extension AMQPSide {
    /// Takes dead letters over, from any executor.
    nonisolated func retry(_ letters: [DeadLetter]) {
        eventLoop.execute { [weak self] in self?.assumeIsolated { $0.send(letters) } }
    }

    private func send(_ letters: [DeadLetter]) {
        let now = clock.now
        for letter in letters {
            let source = ToFedmsgTranslator.Source(
                routingKey: letter.topic,
                properties: AMQPBasicProperties(decoding: letter.properties),
                body: letter.frames.first ?? ByteBuffer()
            )
            do throws(Rejection) {
                switch try translator.translate(source, receivedAt: now) {
                case .drop(let reason):
                    toFedmsg.received(1, at: Double(now) / 1e6)
                    toFedmsg.dropped(reason)
                    journal.settleRetry(of: letter.id)
                case .forward(let translation):
                    writer.write([draft(translation, .deadLetter(letter.id), receivedAt: now)])
                }
            } catch {
                toFedmsg.received(1, at: Double(now) / 1e6)
                toFedmsg.rejected(error.reason)
                var again = letter
                again.reason = error.reason.rawValue
                again.detail = error.detail
                again.rejectedAt = now
                journal.rejectRetry(of: letter.id, again)
            }
        }
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
