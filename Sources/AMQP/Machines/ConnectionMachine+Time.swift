import DequeModule
import NIOCore

extension ConnectionMachine {
    /// Sends connection.close. Confirms that are wanted have to be awaited before.
    mutating func close(now: Duration) {
        switch state {
        case .open:
            state = .closing
            deadline = now + configuration.closeTimeout
            let close = Method.Connection.Close(replyCode: 200, replyText: "", classID: 0, methodID: 0)
            output.writeOwn(close, channel: 0)
        case .waitingForStart, .waitingForTune, .waitingForOpenOk:
            fail(AMQPError(.connectionClosed, "closed from this side", endpoint: endpoint.address))
        case .closing, .closed:
            break
        }
    }

    /// What the passing of time does. Call it at ``nextTick``, or at any other time.
    mutating func tick(now: Duration, isWritable: Bool) {
        if let deadline, now >= deadline { return fail(lateError) }
        switch heartbeats?.tick(at: now, isWritable: isWritable) {
        case .send where state == .open || state == .waitingForOpenOk: output.writeHeartbeat()
        case .peerIsDead:
            let message = "nothing came from the broker for two heartbeat intervals of \(tune?.heartbeat ?? 0) s"
            return fail(AMQPError(.heartbeatMissed, message, endpoint: endpoint.address))
        default: break
        }
        if state == .open, tokenRenewal?.tick(at: now) == true { events.append(.tokenDue) }
        guard state == .open, !patience.isPaused else { return }
        let reading = patience.reading(at: now)
        for number in channels.indices {
            for event in channels[number]?.takeLate(at: reading) ?? [] {
                events.append(.channel(UInt16(number), event))
            }
        }
    }

    /// When ``tick(now:isWritable:)`` has something to do next.
    var nextTick: Duration? {
        guard state != .closed else { return nil }
        var reply: Duration?
        // Each turn of the event loop asks: no array, and no channel is copied. Once it closes no reply is waited for.
        if state == .open {
            for index in channels.indices { reply = .earliest(reply, channels[index]?.nextDeadline) }
        }
        let token = state == .open ? tokenRenewal?.due : nil
        return .earliest(
            .earliest(deadline, heartbeats?.nextTick),
            .earliest(reply.flatMap { patience.time(of: $0) }, token)
        )
    }

    private var lateError: AMQPError {
        let (code, message): (AMQPError.Code, String) =
            switch state {
            case .waitingForStart:
                (.handshakeTimedOut, "the peer accepted the socket and sent no connection.start in time")
            case .waitingForTune: (.handshakeTimedOut, "the broker did not answer the credentials in time")
            case .waitingForOpenOk:
                (.handshakeTimedOut, "the broker did not open the virtual host '\(endpoint.virtualHost)' in time")
            case .closing: (.connectionClosed, "closed from this side; the broker's close-ok did not come in time")
            case .open, .closed: (.handshakeTimedOut, "too late")
            }
        return AMQPError(code, message, endpoint: endpoint.address)
    }
}

extension Duration? {
    fileprivate static func earliest(_ one: Duration?, _ other: Duration?) -> Duration? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}
