import DequeModule
import NIOCore

extension ConnectionMachine {
    typealias RequestID = ChannelMachine.RequestID

    /// Opens a channel: its number is given at once, the request is answered by open-ok.
    ///
    /// - Throws: ``AMQPError`` where there is no connection, or no number is left.
    mutating func openChannel(_ request: RequestID, now: Duration) throws(AMQPError) -> UInt16 {
        guard isOpen else { throw closedError }
        guard let number = numbers.take() else {
            let message = "\(tune?.channelMax ?? 0) channels are open, and no more are allowed"
            throw AMQPError(.channelLimitReached, message, endpoint: endpoint.address)
        }
        while channels.count <= Int(number) { channels.append(nil) }
        channels[Int(number)] = ChannelMachine(number: number, maxBodySize: configuration.limits.maxBodySize)
        try call(Method.Channel.Open(), on: number, PendingReply.Caller(id: request), now: now)
        return number
    }

    /// Sends a synchronous method.
    ///
    /// - Throws: ``AMQPError`` where nothing was sent.
    mutating func call(
        _ method: some MethodArguments,
        on number: UInt16,
        _ caller: PendingReply.Caller,
        now: Duration
    ) throws(AMQPError) {
        let deadline = patience.reading(at: now) + configuration.replyTimeout
        try withChannel(number) { channel, output throws(AMQPError) in
            try channel.call(method, caller: caller, deadline: deadline, output: &output)
        }
    }

    /// Sends channel.close. A closer hears of close-ok, or that it is late; the number is taken until it came.
    mutating func closeChannel(_ number: UInt16, _ closer: RequestID?, now: Duration) throws(AMQPError) {
        let error = AMQPError(.channelClosed, "closed from this side", subject: .channel(number))
        let close = Method.Channel.Close(replyCode: 200, replyText: "", classID: 0, methodID: 0)
        let deadline = patience.reading(at: now) + configuration.replyTimeout
        let event = try withChannel(number) { channel, output throws(AMQPError) in
            channel.close(close, closer: closer.map { ($0, deadline) }, because: error, output: &output)
        }
        guard let event else { throw error }
        events.append(.channel(number, event))
    }

    /// The caller waits no longer.
    mutating func abandon(_ request: RequestID, on number: UInt16) {
        guard channels.indices.contains(Int(number)) else { return }
        channels[Int(number)]?.abandon(request)
    }

    /// Whether the number can be given out again, or has been.
    func isFree(_ number: UInt16) -> Bool {
        !channels.indices.contains(Int(number)) || channels[Int(number)] == nil || state == .closed
    }

    mutating func takeSettlements(of number: UInt16) -> [PublishSettlement] {
        guard channels.indices.contains(Int(number)) else { return [] }
        return channels[Int(number)]?.confirms.takeSettlements() ?? []
    }

    /// - Throws: what `body` throws, or the error that ended the connection or closed the channel.
    mutating func withChannel<Result>(
        _ number: UInt16,
        _ body: (inout ChannelMachine, inout FrameWriter) throws(AMQPError) -> Result
    ) throws(AMQPError) -> Result {
        guard isOpen else { throw closedError }
        // Reached through chaining alone: a binding would share, and then copy, all that it holds.
        guard channels.indices.contains(Int(number)),
            let result = try channels[Int(number)]?.changed(by: body, output: &output)
        else { throw .channelClosed(number) }
        return result
    }
}

extension ChannelMachine {
    fileprivate mutating func changed<Result>(
        by body: (inout ChannelMachine, inout FrameWriter) throws(AMQPError) -> Result,
        output: inout FrameWriter
    ) throws(AMQPError) -> Result {
        try body(&self, &output)
    }
}
