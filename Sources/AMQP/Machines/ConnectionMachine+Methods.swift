import DequeModule
import NIOCore

extension ConnectionMachine {
    /// A method on channel 0.
    mutating func received(_ method: Method, now: Duration) throws(ProtocolViolation) -> Event? {
        switch (state, method) {
        case (_, .connectionClose(let close)):
            return closed(by: close)
        case (.closing, .connectionCloseOk):
            fail(AMQPError(.connectionClosed, "closed from this side", endpoint: endpoint.address))
            return nil
        case (.closing, _):
            return nil
        case (.waitingForStart, .connectionStart(let start)):
            answer(start)
        case (.waitingForTune, .connectionSecure):
            // No mechanism that we speak has a second step.
            fail(
                AMQPError(
                    .negotiationFailed,
                    "the broker asks for more than the mechanism has",
                    endpoint: endpoint.address
                )
            )
        case (.waitingForTune, .connectionTune(let offer)):
            answer(offer, now: now)
        case (.waitingForOpenOk, .connectionOpenOk):
            state = .open
            deadline = nil
            return .opened
        case (.open, .connectionBlocked(let blocked)):
            setBlocked(true, at: now)
            return .blocked(reason: blocked.reason)
        case (.open, .connectionUnblocked):
            setBlocked(false, at: now)
            return .unblocked
        case (.open, .connectionUpdateSecretOk) where secretsUnderWay > 0:
            secretsUnderWay -= 1
        default:
            throw .unexpected(method, channel: 0)
        }
        return nil
    }

    private mutating func answer(_ start: Method.Connection.Start) {
        guard (start.versionMajor, start.versionMinor) == (0, 9) else {
            let message = "the server speaks AMQP \(start.versionMajor)-\(start.versionMinor), not 0-9-1"
            return fail(AMQPError(.protocolNotSupported, message, endpoint: endpoint.address))
        }
        let credentials = endpoint.credentials
        guard let mechanism = credentials.mechanism(offered: start.mechanisms.text) else {
            let wanted = credentials.mechanisms.map(\.rawValue).joined(separator: ", ")
            let message = "the broker offers \(start.mechanisms.text.escapingControlCharacters), not \(wanted)"
            return fail(AMQPError(.noCommonMechanism, message, endpoint: endpoint.address))
        }
        do throws(WireError) {
            let startOk = Method.Connection.StartOk(
                clientProperties: configuration.startOkProperties,
                mechanism: mechanism.rawValue,
                response: try credentials.response(for: mechanism),
                locale: "en_US"
            )
            let size = try output.write(startOk, channel: 0)
            if size > TuneParameters.leastFrameMax {
                startOkHint = ", or a frame of \(size) bytes, which its initial_frame_max has to allow"
            }
            state = .waitingForTune
        } catch {
            fail(AMQPError(.invalidConfiguration, "client properties or credentials can't be sent: \(error)"))
        }
    }

    private mutating func answer(_ offer: Method.Connection.Tune, now: Duration) {
        let offered = TuneParameters(
            channelMax: offer.channelMax,
            frameMax: offer.frameMax,
            heartbeat: offer.heartbeat
        )
        guard let tune = TuneParameters.negotiated(offered: offered, wanted: configuration.wantedTune) else {
            let message =
                "the broker offers frames of \(offer.frameMax) bytes, \(TuneParameters.leastFrameMax) is the least"
            return fail(AMQPError(.negotiationFailed, message, endpoint: endpoint.address))
        }
        self.tune = tune
        decoder.agreed(on: tune.frameMax)
        output.frameMax = tune.frameMax
        numbers = ChannelNumbers(highest: tune.channelMax)
        heartbeats = HeartbeatMachine(interval: .seconds(Int(tune.heartbeat)), now: now)
        output.writeOwn(
            Method.Connection.TuneOk(
                channelMax: tune.channelMax,
                frameMax: tune.frameMax,
                heartbeat: tune.heartbeat
            ),
            channel: 0
        )
        do throws(WireError) {
            try output.write(Method.Connection.Open(virtualHost: endpoint.virtualHost), channel: 0)
            state = .waitingForOpenOk
        } catch {
            fail(AMQPError(.invalidConfiguration, "the virtual host's name can't be sent: \(error)"))
        }
    }

    /// Replaces the password of the open connection.
    ///
    /// - Throws: ``AMQPError`` where nothing was sent.
    mutating func updateSecret(_ token: AMQPToken, askedAt time: Duration) throws(AMQPError) {
        guard isOpen else { throw closedError }
        let update = Method.Connection.UpdateSecret(
            newSecret: LongString(token.secret.value),
            reason: "the last one expires"
        )
        do throws(WireError) {
            try output.write(update, channel: 0)
        } catch {
            throw AMQPError(.tokenUnavailable, "the token can't be sent: \(error)", endpoint: endpoint.address)
        }
        secretsUnderWay += 1
        tokenRenewal?.renewed(lifetime: token.lifetime, askedAt: time)
    }

    private mutating func closed(by close: Method.Connection.Close) -> Event? {
        output.writeOwn(Method.Connection.CloseOk(), channel: 0)
        // Both closed at once: the broker answers ours still.
        guard state != .closing else { return nil }
        let reply = AMQPReply(
            code: AMQPReplyCode(rawValue: close.replyCode),
            text: close.replyText,
            classID: close.classID,
            methodID: close.methodID
        )
        fail(error(for: reply))
        return nil
    }

    private func error(for reply: AMQPReply) -> AMQPError {
        let (code, message): (AMQPError.Code, String) =
            switch state {
            case .waitingForTune where reply.code == .accessRefused:
                (.authenticationRefused, "the broker refused the credentials")
            case .waitingForOpenOk
            where [.notAllowed, .accessRefused].contains(reply.code) && reply.cause != .limitReached:
                (
                    .virtualHostRefused,
                    endpoint.virtualHostHint ?? "the broker refused the virtual host '\(endpoint.virtualHost)'"
                )
            case .waitingForStart, .waitingForTune, .waitingForOpenOk:
                (.connectionClosedByBroker, "the broker closed the connection in the handshake")
            case .open, .closing, .closed:
                (.connectionClosedByBroker, "the broker closed the connection")
            }
        return AMQPError(code, message, reply: reply, endpoint: endpoint.address)
    }
}
