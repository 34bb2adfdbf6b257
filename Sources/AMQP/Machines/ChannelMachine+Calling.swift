import DequeModule
import NIOCore

extension ChannelMachine {
    /// Sends a synchronous method. Several may be under way: the broker answers in order.
    ///
    /// - Throws: ``AMQPError`` where nothing was sent.
    mutating func call(
        _ method: some MethodArguments,
        caller: PendingReply.Caller,
        deadline: Duration,
        output: inout FrameWriter
    ) throws(AMQPError) {
        try send(method, output: &output)
        pending.append(PendingReply(method: type(of: method).id, caller: caller, deadline: deadline))
        if type(of: method).id == Method.Confirm.Select.id { isConfirming = true }
    }

    /// - Throws: ``AMQPError`` where nothing was sent.
    mutating func send(_ method: some MethodArguments, output: inout FrameWriter) throws(AMQPError) {
        guard isOpen else { throw isClosedError }
        do throws(WireError) {
            try output.write(method, channel: number)
        } catch {
            throw AMQPError(.invalidArgument, "\(type(of: method).id): \(error)", subject: .channel(number))
        }
    }

    /// The caller waits no longer; the place of its reply stays.
    mutating func abandon(_ request: RequestID) {
        guard let index = pending.firstIndex(where: { $0.caller.id == request }) else { return }
        pending[index].caller.id = nil
    }

    /// Callers whose reply is late; `now` is what the clock of replies shows.
    mutating func takeLate(at now: Duration) -> [Event] {
        var events: [Event] = []
        for index in pending.indices where pending[index].deadline <= now {
            guard let request = pending[index].caller.id else { continue }
            pending[index].caller.id = nil
            events.append(.timedOut(request, pending[index].method))
        }
        return events
    }

    /// When the next reply will be late, on the clock of replies.
    var nextDeadline: Duration? {
        pending.lazy.filter { $0.caller.id != nil }.map(\.deadline).min()
    }

    var isClosedError: AMQPError { AMQPError(.channelClosed, "the channel is closed", subject: .channel(number)) }
}

extension ChannelMachine {
    /// Publishes, and numbers what went out: what can't be sent uses no number.
    mutating func publish(_ message: AMQPMessage, output: inout FrameWriter) throws(AMQPError) -> UInt64 {
        guard isOpen else { throw isClosedError }
        guard isConfirming else {
            throw AMQPError(.invalidArgument, "the channel was opened without confirms", subject: .channel(number))
        }
        let publish = Method.Basic.Publish(
            exchange: message.exchange,
            routingKey: message.routingKey,
            mandatory: message.mandatory
        )
        do throws(WireError) {
            if message.mandatory {
                let properties = try message.properties.numbered(confirms.nextNumber)
                try output.write(publish, properties: properties, body: message.body, channel: number)
            } else {
                try output.write(publish, properties: message.properties, body: message.body, channel: number)
            }
        } catch {
            throw AMQPError(.invalidArgument, "the message can't be sent: \(error)", subject: .channel(number))
        }
        return confirms.published(bytes: message.body.readableBytes)
    }
}

extension AMQPBasicProperties {
    fileprivate func numbered(_ number: UInt64) throws(WireError) -> AMQPBasicProperties {
        var numbered = self
        var headers = headers ?? AMQPHeaders([:])
        do throws(AMQPCodingError) {
            try headers.append(ChannelMachine.publishNumberHeader, .int64(Int64(clamping: number)))
        } catch {
            throw error.reason
        }
        numbered.headers = headers
        return numbered
    }
}
