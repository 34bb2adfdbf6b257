import AMQP
import Logging
import Settings

// What the client tells of its connections, and what that means to an operator.
extension AMQPSide {
    /// Something happened to the client. On the event loop.
    nonisolated func note(_ event: AMQPClientEvent) {
        assumeIsolated { $0.noted(event) }
    }

    private func noted(_ event: AMQPClientEvent) {
        switch event {
        case .connected(let role, _, _):
            metrics(of: role).connected(again: !known.insert(role).inserted)
            // First, and until the first word of a consumer, or all would seem well between the two.
            if role == .consuming, !isResting {
                for queue in configuration.queueNames where !running.contains(queue) { noteStarting(queue) }
            }
            board.clearReasons(source: role.rawValue)
            if role == .publishing { setBlocked(false) }
        // Where the client closed the last one itself, only the next one's failure tells so.
        case .connectFailed(let role, let error), .lost(let role, let error, _):
            metrics(of: role).disconnected()
            if role == .publishing { setBlocked(false) }
            board.clearReasons(source: topology(of: role))
            let reason = ReadinessReason(error)
            board.raiseAlone(reason, source: role.rawValue, reason.text(error))
        case .blocked(let role, let reason):
            setBlocked(true)
            let text = "the broker takes no messages: \(Printable.text(reason))"
            board.raise(.blocked, source: role.rawValue, ReadinessReason.blocked.text(text))
        case .unblocked(let role):
            setBlocked(false)
            board.clear(.blocked, source: role.rawValue)
        case .tokenRenewalFailed:
            // The bridge has no tokens.
            break
        case .topologyFailed(let role, let subject, let error):
            let reason = ReadinessReason(error, about: subject)
            board.raise(reason, source: topology(of: role), reason.text(error))
        case .topologyDeclared(let role):
            board.clearReasons(source: topology(of: role))
        case .queueNamed(_, let name):
            logger.info("the broker has named the queue", metadata: [LogKey.queue: "\(name)"])
        case .publishingChannelClosed(let error):
            noteRefusal(error)
        case .consumerStarted(let queue):
            board.clearReasons(source: source(ofConsumer: queue))
            started(queue)
        case .consumerInterrupted(let queue, let error), .consumerFailed(let queue, let error):
            let reason = ReadinessReason(error, about: .queue(queue))
            board.raiseAlone(reason, source: source(ofConsumer: queue), reason.text(error))
        }
    }

    /// The broker closed the channel to publish on. What is one message's fault keeps no other from going out.
    private func noteRefusal(_ error: AMQPError) {
        guard error.reply?.cause.culprit != .message else { return }
        isRefused = true
        let reason = ReadinessReason(error)
        board.raiseAlone(reason, source: Self.refusal, reason.text(error))
    }

    /// A broker may take half a minute to say that it can't deliver from a queue: until it does, it is so.
    func noteStarting(_ queue: String) {
        let text = "the broker has not said yet that it delivers from queue '\(queue)'"
        board.raiseAlone(.queueDown, source: source(ofConsumer: queue), ReadinessReason.queueDown.text(text))
    }

    private func setBlocked(_ isBlocked: Bool) {
        self.isBlocked = isBlocked
        oldestMovedAt = clock.uptime
        gauges.setBlocked(isBlocked)
    }

    /// The broker nacks whatever is published.
    func noteNacks() {
        isRefused = true
        let nacks = BrokerNacks(exchange: configuration.toAMQP.exchange)
        board.raiseAlone(.blocked, source: Self.refusal, "\(nacks)")
    }

    /// The broker takes what is published.
    func noteAcceptance() {
        guard isRefused else { return }
        isRefused = false
        board.clearReasons(source: Self.refusal)
    }

    private func metrics(of role: AMQPConnectionRole) -> DirectionMetrics {
        switch role {
        case .publishing: toAMQP
        case .consuming: toFedmsg
        }
    }

    private static let refusal = "publishing channel"

    private func topology(of role: AMQPConnectionRole) -> String { "\(role) topology" }

    func source(ofConsumer queue: String) -> String { "consumer of \(queue)" }
}

extension ReadinessReason {
    /// What an operator has to look at.
    ///
    /// - Parameter subject: what can't be had, where it is known and the error does not say why.
    init(_ error: AMQPError, about subject: AMQPSubject? = nil) {
        switch error.code {
        case .authenticationRefused, .virtualHostRefused, .noCommonMechanism: self = .accessRefused
        case .tlsHandshakeFailed, .tlsConfigurationFailed: self = .tls
        default:
            switch error.reply?.cause {
            case .exchangeMissing: self = .exchangeMissing
            case .queueDown, .queueMissing, .queueLocked, .queueInExclusiveUse: self = .queueDown
            case .topicRefused, .exchangeRefused, .queueRefused, .loginRefused, .virtualHostRefused,
                .virtualHostMissing:
                self = .accessRefused
            case .limitReached: self = .brokerAway
            default:
                switch subject {
                case .exchange: self = .exchangeMissing
                case .queue, .binding: self = .queueDown
                default: self = .brokerAway
                }
            }
        }
    }

    /// What went wrong, with what to do about it.
    func text(_ error: AMQPError) -> String {
        guard error.reply?.cause == .limitReached else { return text("\(error)") }
        return """
            \(error); raise that limit (rabbitmqctl list_user_limits --global, list_vhost_limits --global), or end what \
            else is connected; it is tried again by itself
            """
    }

    /// What happened, with what to do about it.
    func text(_ event: String) -> String { "\(event); \(remedy)" }

    private var remedy: String {
        switch self {
        case .blocked: "rabbitmqctl status shows which alarm, of memory or disk: make room there"
        case .exchangeMissing:
            "create the exchange, or let the bridge (passive_declares = false, the right to, and a place in [exchanges])"
        case .queueDown: "bring back the queue's node, or create the queue; the bridge goes on by itself then"
        case .accessRefused: "correct user, password or certificate in the configuration, or permissions on the broker"
        case .tls: "replace the certificate that is at fault, the broker's or one of [tls]"
        default: "see whether the broker runs, and is what amqp_url names; it is tried again by itself"
        }
    }
}
