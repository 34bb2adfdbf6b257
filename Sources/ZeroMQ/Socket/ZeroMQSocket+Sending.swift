internal import CZeroMQ
internal import Glibc

extension ZeroMQSocket {
    /// Whether libzmq took a message.
    public enum SendOutcome: Hashable, Sendable {
        /// It is queued for each subscriber that wants it and was not set aside; for none, when there is none.
        case sent
        /// Nothing was sent to anybody: a subscriber's queue is full, and ``ZeroMQOption/xpubNodrop`` is on. That of a
        /// peer that this socket connected to fills while the peer is away, and is sent when it is back.
        case wouldBlock
    }

    /// Sends a message of two frames, or nothing of it. Never waits.
    ///
    /// That holds for PUB and XPUB with ``ZeroMQOption/xpubNodrop``, by what libzmq 4.3 does (`xpub_t::xsend`): the first
    /// frame chooses the matching subscribers, and it is refused unless each of their queues has room. A queue counts
    /// whole messages, when their last frame is written, and only ever gains room from its reader: so the check, made
    /// again for each frame, cannot fail for a later one. New subscribers wait until the message is over; one that goes
    /// in the middle takes its half message with it.
    ///
    /// Room shows late: a subscriber's progress is told each time it has read half the mark.
    ///
    /// - Throws: ``ZeroMQError``: ``ZeroMQError/Code/closed`` or ``ZeroMQError/Code/terminated``.
    public func send(_ topic: RawSpan, _ body: RawSpan) throws(ZeroMQError) -> SendOutcome {
        assertOnThread()
        return try topic.withUnsafeBytes { topic throws(ZeroMQError) in
            try body.withUnsafeBytes { body throws(ZeroMQError) in
                guard try sendFrame(topic, flags: ZMQ_SNDMORE) else { return .wouldBlock }
                guard try sendFrame(body, flags: 0) else { throw tornMessage }
                return .sent
            }
        }
    }

    /// Sends a message of any number of frames but none, or nothing of it, as ``send(_:_:)`` does.
    public func send(_ frames: [UnsafeRawBufferPointer]) throws(ZeroMQError) -> SendOutcome {
        assertOnThread()
        guard let last = frames.last else {
            throw ZeroMQError(code: .invalidArgument, operation: "zmq_send")
        }
        for (index, frame) in frames.dropLast().enumerated() {
            guard try sendFrame(frame, flags: ZMQ_SNDMORE) else {
                guard index == 0 else { throw tornMessage }
                return .wouldBlock
            }
        }
        guard try sendFrame(last, flags: 0) else {
            guard frames.count == 1 else { throw tornMessage }
            return .wouldBlock
        }
        return .sent
    }

    /// Sends a message as if ``ZeroMQOption/xpubNodrop`` were off, then turns it on: whoever has no room does not get it.
    ///
    /// libzmq sets each such subscriber aside until it has read half the mark: it misses what is sent meanwhile, and
    /// nobody waits for it. The others miss nothing.
    public func sendDropping(_ topic: RawSpan, _ body: RawSpan) throws(ZeroMQError) {
        try set(.xpubNodrop, to: 0)
        let outcome: SendOutcome
        do {
            outcome = try send(topic, body)
        } catch {
            try set(.xpubNodrop, to: 1)
            throw error
        }
        try set(.xpubNodrop, to: 1)
        assert(outcome == .sent, "a PUB socket that drops always takes")
    }

    /// `EAGAIN` in the middle of a message, which libzmq rules out. The socket would take what is sent next for the rest.
    private var tornMessage: ZeroMQError {
        ZeroMQError(code: .init(rawValue: EAGAIN), operation: "zmq_send (in the middle of a message)")
    }

    /// False when it would block. `zmq_send` copies the bytes, once.
    private func sendFrame(_ bytes: UnsafeRawBufferPointer, flags: Int32) throws(ZeroMQError) -> Bool {
        let socket = handle.pointer
        while zmq_send(socket, bytes.baseAddress, bytes.count, flags | ZMQ_DONTWAIT) < 0 {
            switch zmq_errno() {
            case EAGAIN: return false
            case EINTR: continue
            default: throw ZeroMQError(operation: "zmq_send")
            }
        }
        return true
    }
}
