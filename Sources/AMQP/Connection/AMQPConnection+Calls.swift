import NIOCore

extension AMQPConnection {
    /// Opens a channel.
    ///
    /// - Parameters:
    ///   - confirms: whether messages are to be published on it, each of which the broker confirms then. A channel
    ///     without can't publish: nothing could be said of what became of a message.
    ///   - window: how much may be on its way.
    ///   - handlers: called on the event loop.
    /// - Throws: ``AMQPError``.
    public func openChannel(
        confirms: Bool = true,
        window: PublishWindow = PublishWindow(),
        handlers: AMQPChannelHandlers = AMQPChannelHandlers()
    ) async throws(AMQPError) -> AMQPChannel {
        let selection: (any MethodArguments)? = confirms ? Method.Confirm.Select() : nil
        return try await openChannel(selecting: selection, window: window, handlers: handlers)
    }

    /// - Parameter selection: puts the channel into a mode in which it can publish: confirm.select or tx.select.
    func openChannel(
        selecting selection: (any MethodArguments)?,
        window: PublishWindow,
        handlers: AMQPChannelHandlers
    ) async throws(AMQPError) -> AMQPChannel {
        var request = newID()
        let number = try machine.openChannel(request, now: now)
        let channel = AMQPChannel(number: number, connection: self)
        contexts[number] = ChannelContext(channel: channel, handlers: handlers, window: window)
        do throws(AMQPError) {
            if let selection {
                // Both go out together; a broker that refuses the first never sees the second.
                request = newID()
                try machine.call(selection, on: number, PendingReply.Caller(id: request), now: now)
            }
            _ = try await reply(to: request, on: channel)
        } catch {
            // Once the broker has closed it, another may have its number.
            guard contexts[number]?.channel === channel else { throw error }
            try? machine.closeChannel(number, nil, now: now)
            changed()
            throw error
        }
        return channel
    }

    /// Sends a synchronous method and waits for its reply.
    func call(
        _ method: some MethodArguments,
        on channel: AMQPChannel,
        noAck: Bool = false
    ) async throws(AMQPError) -> CallReply {
        _ = try context(of: channel)
        let request = newID()
        try machine.call(method, on: channel.number, PendingReply.Caller(id: request, noAck: noAck), now: now)
        return try await reply(to: request, on: channel)
    }

    func close(_ channel: AMQPChannel) async throws(AMQPError) {
        guard contexts[channel.number]?.channel === channel else { return }
        let request = newID()
        try machine.closeChannel(channel.number, request, now: now)
        _ = try await reply(to: request, on: channel)
    }

    /// The channel's context, if it is still that channel which has the number.
    func context(of channel: AMQPChannel) throws(AMQPError) -> ChannelContext {
        guard machine.isOpen else { throw machine.closedError }
        guard let context = contexts[channel.number], context.channel === channel, !context.isClosed else {
            throw .channelClosed(channel.number)
        }
        return context
    }

    /// Waits for what becomes of a request that the machine has, and lets it go out.
    private func reply(to request: UInt64, on channel: AMQPChannel) async throws(AMQPError) -> CallReply {
        requests[request] = OneShot()
        defer { requests[request] = nil }
        changed()
        let result = await withTaskCancellationHandler {
            await awaitContinuation { requests[request, default: OneShot()].await($0) }
        } onCancel: {
            eventLoop.execute {
                self.assumeIsolated { $0.abandon(request, on: channel) }
            }
        }
        return try result.get()
    }

    /// Whoever waits for it, now or soon, is told; where nobody does, nothing happens.
    func answer(_ request: UInt64, with result: CallResult) {
        requests[request]?.fulfil(result)
    }

    /// Whether somebody waits for what becomes of it.
    func isAwaited(_ request: UInt64) -> Bool { requests[request]?.isFulfilled == false }

    /// The caller was cancelled. The reply still comes, and its place stays.
    private func abandon(_ request: UInt64, on channel: AMQPChannel) {
        guard isAwaited(request) else { return }
        machine.abandon(request, on: channel.number)
        let message = "the task that waited for the reply was cancelled"
        answer(request, with: .failure(AMQPError(.cancelled, message, subject: .channel(channel.number))))
    }
}
