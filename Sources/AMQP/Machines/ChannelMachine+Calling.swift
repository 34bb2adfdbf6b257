import DequeModule
import NIOCore

extension ChannelMachine {
    /// Sends a synchronous method, once those before it are answered: RabbitMQ's queues answer consume and cancel in
    /// their own time, and later methods may overtake them.
    ///
    /// - Throws: ``AMQPError`` where it can't be sent.
    mutating func call(
        _ method: some MethodArguments,
        caller: PendingReply.Caller,
        deadline: Duration,
        output: inout FrameWriter
    ) throws(AMQPError) {
        if pending.isEmpty {
            try send(method, output: &output)
        } else {
            var trial = FrameWriter(frameMax: output.frameMax)
            try send(method, output: &trial)
        }
        pending.append(PendingReply(method: method, caller: caller, deadline: deadline))
        if pending.count == 1 { sentFirst() }
    }

    mutating func takeReply(
        _ method: Method,
        output: inout FrameWriter
    ) throws(ProtocolViolation) -> PendingReply.Caller {
        try checkReply(method)
        let caller = pending.removeFirst().caller
        if let next = pending.first {
            output.writeOwn(next.method, channel: number)
            sentFirst()
        }
        return caller
    }

    func checkReply(_ method: Method) throws(ProtocolViolation) {
        guard let first = pending.first, first.isAnswered(by: type(of: method.arguments).id) else {
            throw .unexpected(method, channel: number)
        }
    }

    private mutating func sentFirst() {
        let id = pending.first?.id
        if id == Method.Confirm.Select.id || id == Method.Tx.Select.id { isConfirming = true }
        if id == Method.Tx.Select.id { isTransactional = true }
    }

    /// - Throws: ``AMQPError`` where nothing was sent.
    mutating func send(_ method: some MethodArguments, output: inout FrameWriter) throws(AMQPError) {
        guard isOpen else { throw .channelClosed(number) }
        do throws(WireError) {
            try output.write(method, channel: number)
        } catch {
            throw AMQPError(.invalidArgument, "\(type(of: method).id): \(error)", subject: .channel(number))
        }
    }

    /// The caller waits no longer. What went out keeps the place of its reply; what did not, will not, but for a
    /// cancel: without it deliveries would come, and go back, for ever.
    mutating func abandon(_ request: RequestID) {
        guard let index = pending.firstIndex(where: { $0.caller.id == request }) else { return }
        abandon(at: index)
    }

    private mutating func abandon(at index: Int) {
        if index == 0 || pending[index].id == Method.Basic.Cancel.id {
            pending[index].caller.id = nil
        } else {
            pending.remove(at: index)
        }
    }

    /// Callers whose reply is late; `now` is what the clock of replies shows.
    mutating func takeLate(at now: Duration) -> [Event] {
        var events: [Event] = []
        for index in pending.indices.reversed() where pending[index].deadline <= now {
            guard let request = pending[index].caller.id else { continue }
            events.append(.timedOut(request, pending[index].id))
            abandon(at: index)
        }
        return events.reversed()
    }

    /// When the next reply will be late, on the clock of replies.
    var nextDeadline: Duration? {
        pending.lazy.filter { $0.caller.id != nil }.map(\.deadline).min()
    }
}

extension ChannelMachine {
    /// Publishes, and numbers what went out: what can't be sent uses no number.
    mutating func publish(_ message: some Publishable, output: inout FrameWriter) throws(AMQPError) -> UInt64 {
        guard isOpen else { throw .channelClosed(number) }
        guard isConfirming else { throw .withoutConfirms(number) }
        do throws(WireError) {
            try message.write(to: &output, number: confirms.nextNumber, channel: number)
        } catch {
            throw AMQPError(.invalidArgument, "the message can't be sent: \(error)", subject: .channel(number))
        }
        return confirms.published(bytes: message.body.readableBytes)
    }
}

extension AMQPError {
    static func channelClosed(_ channel: UInt16) -> AMQPError {
        AMQPError(.channelClosed, "the channel is closed", subject: .channel(channel))
    }

    static func withoutConfirms(_ channel: UInt16) -> AMQPError {
        AMQPError(.invalidArgument, "the channel was opened without confirms", subject: .channel(channel))
    }
}
