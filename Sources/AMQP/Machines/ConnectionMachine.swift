import DequeModule
import NIOCore

/// One connection's whole dialogue with the broker: bytes, calls and the time go in; bytes and events come out.
///
/// It reads no clock: times are durations since whatever moment the caller counts from.
struct ConnectionMachine {
    enum Event {
        /// The virtual host is open.
        case opened
        case blocked(reason: String)
        case unblocked
        /// The token at hand expires soon: ask for another, then say ``updateSecret(_:askedAt:)`` or
        /// ``TokenRenewal/failed(at:)``.
        case tokenDue
        case channel(UInt16, ChannelMachine.Event)
        /// The last event: write what is left, then close the socket.
        indirect case closed(AMQPError)
    }

    enum State: Equatable {
        case waitingForStart
        case waitingForTune
        case waitingForOpenOk
        case open
        /// We sent connection.close: until close-ok nothing that comes matters.
        case closing
        case closed
    }

    let configuration: AMQPConfiguration
    let endpoint: AMQPEndpoint

    var state = State.waitingForStart
    var decoder: FrameDecoder
    /// What is to be written to the socket.
    var output = FrameWriter()
    var events: Deque<Event> = []
    var channels: [ChannelMachine?] = []
    var numbers = ChannelNumbers(highest: 0)
    var tune: TuneParameters?
    var heartbeats: HeartbeatMachine?
    /// Nil where the password does not expire.
    var tokenRenewal: TokenRenewal?
    /// Secrets that went out and that the broker has not answered. It ends the connection over one that it refuses.
    var secretsUnderWay = 0
    /// Whether the broker takes no publishes for now.
    private(set) var isBlocked = false
    /// The clock of replies: it stands still while the broker blocks us and therefore may read nothing, and while we read
    /// nothing.
    private(set) var patience = PausableClock()
    /// Until when the handshake, or the close, has to be done.
    var deadline: Duration?
    /// What more the end of the socket may mean after connection.start-ok.
    var startOkHint = ""
    private var failure: AMQPError?

    /// - Parameters:
    ///   - configuration: resolved for the endpoint.
    ///   - deadline: until when the connection has to be open.
    init(configuration: AMQPConfiguration, endpoint: AMQPEndpoint, deadline: Duration?) {
        self.configuration = configuration
        self.endpoint = endpoint
        self.deadline = deadline
        decoder = FrameDecoder(frameMax: configuration.limits.maxFrameBeforeTune)
        output.writeProtocolHeader()
    }

    var isOpen: Bool { state == .open }
    /// Why there is no connection any more.
    var closedError: AMQPError {
        failure ?? AMQPError(.connectionClosed, "the connection is closed", endpoint: endpoint.address)
    }
}

// MARK: What comes in

extension ConnectionMachine {
    /// Any byte is life.
    mutating func received(_ bytes: ByteBuffer, now: Duration) {
        heartbeats?.received(at: now)
        decoder.append(bytes)
    }

    /// The next event, nil once all that was received is dealt with.
    mutating func nextEvent(now: Duration) -> Event? {
        while events.isEmpty, state != .closed {
            do throws(ProtocolViolation) {
                guard let frame = try nextFrame() else { break }
                if let event = try received(frame, now: now) { return event }
            } catch {
                fail(over: error)
            }
        }
        return events.popFirst()
    }

    /// The broker blocks us, or does no longer.
    mutating func setBlocked(_ isBlocked: Bool, at now: Duration) {
        guard isBlocked != self.isBlocked else { return }
        self.isBlocked = isBlocked
        if isBlocked { patience.pause(at: now) } else { patience.resume(at: now) }
    }

    /// While nothing is read, silence and late replies are ours and not the broker's.
    mutating func readingPaused(at now: Duration) {
        heartbeats?.readingPaused()
        patience.pause(at: now)
    }

    mutating func readingResumed(at now: Duration) {
        heartbeats?.readingResumed(at: now)
        patience.resume(at: now)
    }

    /// Nil also where what answers speaks something else, which ends the connection: it would not understand a close.
    private mutating func nextFrame() throws(ProtocolViolation) -> Frame? {
        do throws(WireError) {
            return try decoder.next()
        } catch {
            guard let message = otherProtocol(shownBy: error) else { throw ProtocolViolation(error) }
            fail(AMQPError(.protocolNotSupported, message, endpoint: endpoint.address))
            return nil
        }
    }

    /// The first byte of the alert with which a TLS server answers anything else.
    private static let tlsAlert: UInt8 = 21

    private func otherProtocol(shownBy error: WireError) -> String? {
        switch error {
        case .protocolMismatch: "\(error)"
        case .unknownFrameType(Self.tlsAlert) where state == .waitingForStart:
            "what answered there speaks TLS: its URI begins with amqps"
        default: nil
        }
    }

    private mutating func received(_ frame: Frame, now: Duration) throws(ProtocolViolation) -> Event? {
        switch frame {
        case .heartbeat: return nil
        case .method(0, let method): return try received(method, now: now)
        case .header(0, _), .body(0, _):
            throw .unexpectedFrame("content", channel: 0)
        case .method(let number, _), .header(let number, _), .body(let number, _):
            return try received(frame, on: number)
        }
    }

    private mutating func received(_ frame: Frame, on number: UInt16) throws(ProtocolViolation) -> Event? {
        guard state == .open else {
            // After our close everything else is void; before open there is no channel to speak of.
            if state == .closing { return nil }
            throw ProtocolViolation(code: .channelError, message: "a frame of channel \(number) in the handshake")
        }
        // Reached through chaining alone: a binding would copy it, and all that it holds.
        let outcome: (event: ChannelMachine.Event?, isClosed: Bool)?
        do throws(ProtocolViolation) {
            outcome =
                channels.indices.contains(Int(number)) ? try channels[Int(number)]?.took(frame, output: &output) : nil
        } catch {
            guard error.scope == .channel else { throw error }
            return close(number, over: error)
        }
        guard let outcome else {
            throw ProtocolViolation(code: .channelError, message: "a frame of channel \(number), which is closed")
        }
        if outcome.isClosed {
            // What comes for the number from now on, until it is given out again, is an error.
            channels[Int(number)] = nil
            numbers.giveBack(number)
        }
        return outcome.event.map { .channel(number, $0) }
    }
}

// MARK: Ends

extension ConnectionMachine {
    /// Everything that is under way fails, channel by channel, and then the connection.
    mutating func fail(_ error: AMQPError) {
        guard state != .closed else { return }
        state = .closed
        deadline = nil
        failure = error
        for number in channels.indices {
            if let event = channels[number]?.lost(error) ?? nil {
                events.append(.channel(UInt16(number), event))
            }
        }
        events.append(.closed(error))
    }

    /// The socket ended, by itself or with an error.
    mutating func ended(_ cause: (any Error)? = nil) {
        if let error = cause as? AMQPError { return fail(error) }
        fail(lossError(cause))
    }

    /// The broker broke the protocol: it is told, and the socket is of no use any more.
    private mutating func fail(over violation: ProtocolViolation) {
        output.writeOwn(
            Method.Connection.Close(
                replyCode: violation.code.rawValue,
                replyText: violation.shortMessage,
                classID: violation.method?.classID ?? 0,
                methodID: violation.method?.methodID ?? 0
            ),
            channel: 0
        )
        fail(violation.error.at(endpoint: endpoint.address))
    }

    /// As ``fail(over:)``, where only the channel is of no use any more.
    private mutating func close(_ number: UInt16, over violation: ProtocolViolation) -> Event? {
        let close = Method.Channel.Close(
            replyCode: violation.code.rawValue,
            replyText: violation.shortMessage,
            classID: violation.method?.classID ?? 0,
            methodID: violation.method?.methodID ?? 0
        )
        let error = violation.error.about(.channel(number))
        let event = channels[Int(number)]?.close(close, closer: nil, because: error, output: &output)
        return (event ?? nil).map { .channel(number, $0) }
    }

    private func lossError(_ cause: (any Error)?) -> AMQPError {
        let amid = decoder.isAmidFrame ? ", amid a frame" : ""
        let message =
            switch state {
            case .waitingForStart: "the peer hung up at the protocol header\(amid); does it speak AMQP at that port?"
            case .waitingForTune:
                "the broker hung up after the credentials\(amid); as a rule it did not take them\(startOkHint)"
            case .waitingForOpenOk:
                "the broker hung up after tune-ok and open for virtual host '\(endpoint.virtualHost)'\(amid)"
            case .open: "the socket ended without a close\(amid)"
            case .closing: "the socket ended before close-ok\(amid)"
            case .closed: "the socket ended"
            }
        return AMQPError(.connectionLost, message, endpoint: endpoint.address, underlying: cause)
    }
}

extension ChannelMachine {
    fileprivate mutating func took(
        _ frame: Frame,
        output: inout FrameWriter
    ) throws(ProtocolViolation) -> (event: Event?, isClosed: Bool) {
        let event = try received(frame, output: &output)
        return (event, state == .closed)
    }
}

extension ProtocolViolation {
    /// A reply text is a short string.
    fileprivate var shortMessage: String { String(message.prefix(80)) }
}
