import Logging
import NIOCore
import Settings
import ZeroMQ

extension FedmsgSide {
    /// Messages that one turn of the loop sends at most, so that receiving gets its turn.
    private static let burst = 500
    /// Subscriptions that one turn takes at most: what is left of a flood takes libzmq's memory.
    private static let subscriptionLimit = 50_000
    /// For how long it may be kept back that libzmq has taken a message. The broker sends on meanwhile, as far as the
    /// prefetch allows: a quarter of it is told of at once. A kill has so much more come again, no more.
    private static let tellingDelay = Duration.milliseconds(20)
    /// A peer of ours only asks for topics, of which AMQP has none over 255 bytes; libzmq would take a frame of any size.
    private static let maxRequestBytes = 4096

    func openPublisher() throws(ZeroMQError) {
        let settings = configuration.toFedmsg
        let socket = try ZeroMQSocket(.xpub, on: thread)
        try socket.set(.sndhwm, to: settings.highWaterMark)
        try socket.set(.maxMsgSize, to: Self.maxRequestBytes)
        try socket.set(.linger, to: settings.zmqLinger)
        try socket.set(.xpubNodrop, to: 1)
        try socket.setConnectionOptions(configuration.toAMQP.socketOptions)
        try socket.monitor { [weak self] event in self?.assumeIsolated { $0.notePublisherEvent(event) } }
        socket.onReadable { [weak self] in self?.assumeIsolated { $0.takeSubscriptions() } }
        publisher = socket
        try changeAudience()
        if settings.remotePublish {
            try socket.connect(settings.publishEndpoint)
            isBound = true
            settleIn()
        } else {
            bindPublisher()
        }
        reportSendability()
    }

    /// Binds, and tries again every second while somebody else has the address.
    private func bindPublisher() {
        guard let publisher else { return }
        let endpoint = configuration.toFedmsg.publishEndpoint
        do throws(ZeroMQError) {
            let bound = try publisher.bind(endpoint)
            logger.info("publishing fedmsgs", metadata: [LogKey.endpoint: "\(bound)"])
            board.clear(.addressInUse, source: endpoint)
            isBound = true
            settleIn()
            reportSendability()
        } catch {
            board.raise(.addressInUse, source: endpoint, Self.inUse(error))
            thread.schedule(after: .seconds(1)) { [weak self] in
                self?.assumeIsolated { $0.bindPublisher() }
            }
        }
    }

    /// Waits for subscribers that come back: they reconnect within their `zmq_reconnect_ivl_max`.
    private func settleIn() {
        thread.schedule(after: configuration.toFedmsg.postInitSleep) { [weak self] in
            self?.assumeIsolated { side in
                side.isSettled = true
                side.reportSendability()
                side.sendOutbox()
            }
        }
    }

    /// Hands messages over for sending, from any executor.
    nonisolated func send(_ messages: [OutgoingFedmsg]) {
        guard inbox.put(messages) else { return }
        thread.schedule(after: .zero) { [weak self] in
            self?.assumeIsolated { $0.takeInbox() }
        }
    }

    /// Forgets what one run of a consumer brought and libzmq has not taken, since it went back to the broker.
    func forgetOutbox(of epoch: UInt64) {
        outbox.append(contentsOf: inbox.take())
        if outbox.first?.entry.origin.epoch == epoch { slowSubscribers.unparked() }
        outbox.removeAll { $0.entry.origin.epoch == epoch }
        tellTaken()
    }

    /// Whether messages may leave now.
    private var isSendable: Bool {
        let settings = configuration.toFedmsg
        guard isBound, isSettled else { return false }
        return hasAudience || !(settings.remotePublish || settings.requireSubscriber)
    }

    /// Whether somebody gets what is sent: libzmq drops it until a subscription has come, some time after the handshake.
    /// It takes a relay that has gone for one that comes again, subscriptions included.
    private var hasAudience: Bool {
        guard configuration.toFedmsg.remotePublish else { return subscriptions > 0 || !subscribedBy.isEmpty }
        return subscriptions > 0 && subscribers.count > 0
    }

    /// Has libzmq tell of each subscription where a subscriber is required, and only there: elsewhere who repeats his takes memory
    /// by it. It tells of a prefix's first one always, which one that comes back at once is not: it may hold that of before still.
    func changeAudience() throws(ZeroMQError) {
        let settings = configuration.toFedmsg
        guard let publisher, !settings.remotePublish else { return }
        try publisher.set(.xpubVerbose, to: settings.requireSubscriber ? 1 : 0)
        // Of those who have come by now it was not told which have subscribed.
        publisher.deliverEvents()
        if settings.requireSubscriber { subscribedBy.formUnion(subscribers.connections) }
    }

    /// Notes who subscribes. A relay counts by prefixes, as libzmq tells of the first one and of the last one's end.
    ///
    /// It also tells of whoever takes back what he never asked for. So where anybody may come, who has subscribed counts until he
    /// has gone, and one of whom libzmq does not say who he is until all have gone.
    private func takeSubscriptions() {
        guard let publisher else { return }
        var senders: [Int32] = []
        var removed = 0
        do throws(ZeroMQError) {
            _ = try publisher.receive(upTo: Self.subscriptionLimit) { message in
                switch message.count > 0 ? message[0].first : nil {
                case 1: senders.append(message.descriptor)
                case 0: removed += 1
                default: break  // A message of the peer's own, which means nothing here.
                }
            }
        } catch {
            logger.error("receiving subscriptions failed", metadata: [LogKey.error: "\(error)"])
        }
        // That a sender had come is told by events, and so is that he has gone.
        publisher.deliverEvents()
        if configuration.toFedmsg.remotePublish {
            subscriptions += senders.count - removed
        } else {
            subscribedBy.formUnion(senders.filter(subscribers.isOpen))
            if subscribers.hasConnections { subscriptions += senders.count { $0 < 0 } }
        }
        reportSendability()
        sendOutbox()
    }

    private func forgetSubscriptions(_ event: ZeroMQMonitorEvent) {
        guard !configuration.toFedmsg.remotePublish else { return }
        switch event.kind {
        // Its number may be of one before, whose end was not told.
        case .accepted(let descriptor), .disconnected(let descriptor): subscribedBy.remove(descriptor)
        default: break
        }
        if !subscribers.hasConnections { subscriptions = 0 }
    }

    private func takeInbox() {
        outbox.append(contentsOf: inbox.take())
        if !isRetrying { sendOutbox() }
    }

    func sendOutbox() {
        guard let publisher, isSendable else { return }
        var sent = 0
        let now = clock.now
        while sent < Self.burst, let message = outbox.first {
            guard send(message, on: publisher) else { break }
            taken.append(Taken(message: message, at: now))
            outbox.removeFirst()
            sent += 1
        }
        if taken.count * 4 >= Int(configuration.qos.prefetchCount) { tellTaken() } else { tellTakenSoon() }
        if !outbox.isEmpty { retrySending(after: .zero) }
    }

    /// Tells what libzmq has taken, so that it is acknowledged: each time costs a wake-up and a write to the broker.
    func tellTaken() {
        guard !taken.isEmpty else { return }
        handlers.taken(taken)
        taken.removeAll(keepingCapacity: false)
    }

    private func tellTakenSoon() {
        guard !isTellingSoon, !taken.isEmpty else { return }
        isTellingSoon = true
        thread.schedule(after: Self.tellingDelay) { [weak self] in
            self?.assumeIsolated { side in
                side.isTellingSoon = false
                side.tellTaken()
            }
        }
    }

    /// Whether libzmq took it, or it was given up for a subscriber's sake.
    private func send(_ message: OutgoingFedmsg, on socket: ZeroMQSocket) -> Bool {
        let (bytes, entry) = (message.batch.bytes, message.entry)
        let topic = bytes.readableBytesSpan.extracting(entry.topic)
        let payload = bytes.readableBytesSpan.extracting(entry.envelope)
        do throws(ZeroMQError) {
            if try socket.send(topic, payload) == .sent {
                if slowSubscribers.isBlocked { slowSubscribers.taken(now: clock.uptime) }
                return true
            }
            let now = clock.uptime
            // A relay is the only peer: leaving it behind would lose the message, and the broker keeps the rest.
            guard !configuration.toFedmsg.remotePublish else {
                retrySending(after: .nanoseconds(Int64(SlowSubscriberMachine.retryInterval)))
                return false
            }
            switch slowSubscribers.wouldBlock(now: now) {
            case .retry(let time):
                retrySending(after: .nanoseconds(Int64(time - now)))
                return false
            case .leaveBehind:
                try socket.sendDropping(topic, payload)
                noteLeftBehind(now: now)
                return true
            }
        } catch {
            logger.error("sending failed", metadata: [LogKey.error: "\(error)"])
            retrySending(after: .seconds(1))
            return false
        }
    }

    private func retrySending(after delay: Duration) {
        guard !isRetrying else { return }
        isRetrying = true
        thread.schedule(after: delay) { [weak self] in
            self?.assumeIsolated { side in
                side.isRetrying = false
                side.sendOutbox()
            }
        }
    }

    private func noteLeftBehind(now: UInt64) {
        gauges.slowSubscriberLeft()
        let text =
            slowSubscribers.hasSpentAllowance(now: now)
            ? "slow subscribers have used up their grace for these ten minutes and are left behind at once: "
            : "a subscriber did not take messages for slow_subscriber_grace and was left behind: "
        board.raise(
            .slowSubscriber,
            source: "zmq",
            text + "look for the consumer that reads too slowly (ss -tn shows its send queue), or raise high_water_mark"
        )
        logger.warning("slow subscriber left behind", metadata: ["subscribers": "\(subscribers.count)"])
        leftBehindAt = now
        thread.schedule(after: .nanoseconds(Int64(SlowSubscriberMachine.period))) { [weak self] in
            self?.assumeIsolated { side in
                if side.leftBehindAt == now { side.board.clear(.slowSubscriber, source: "zmq") }
            }
        }
    }

    private func notePublisherEvent(_ event: ZeroMQMonitorEvent) {
        let (before, hadAudience) = (subscribers.count, hasAudience)
        subscribers.apply(event)
        forgetSubscriptions(event)
        if !subscribers.abandonedEndpoints.isEmpty { reconnectSoon() }
        if hasAudience != hadAudience { reportSendability() }
        guard subscribers.count != before else { return }
        // libzmq does not tell which one was left behind. If it is still there, it will be again.
        if subscribers.count < before { board.clear(.slowSubscriber, source: "zmq") }
        gauges.setSubscribers(subscribers.count)
        reportSendability()
        sendOutbox()
    }

    /// Why nothing may leave, for the status; and whether, for those who send.
    func reportSendability() {
        let settings = configuration.toFedmsg
        let nobody = isBound && !hasAudience
        if settings.remotePublish, nobody {
            board.raise(
                .noRelay,
                source: "zmq",
                "no relay answers at \(settings.publishEndpoint): look after the relay, or correct publish_endpoint; messages "
                    + "wait at the broker"
            )
        } else {
            board.clear(.noRelay, source: "zmq")
        }
        if settings.requireSubscriber, !settings.remotePublish, nobody {
            board.raise(
                .noSubscriber,
                source: "zmq",
                "nobody has subscribed at \(settings.publishEndpoint): start a consumer, or set require_subscriber = false; "
                    + "messages wait at the broker"
            )
        } else {
            board.clear(.noSubscriber, source: "zmq")
        }
        guard isSendable != wasSendable else { return }
        wasSendable = isSendable
        handlers.sendability(isSendable)
    }
}
