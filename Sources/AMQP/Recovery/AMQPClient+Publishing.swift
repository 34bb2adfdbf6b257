extension AMQPClient {
    /// Publishes a message and waits until the broker has it. Waits for a connection where there is none, and, whatever
    /// exchange it is for, while one of the topology's can't be declared, as ``AMQPClientEvent/topologyFailed(_:_:_:)`` tells.
    ///
    /// Messages of one task go out in its order; those of several tasks in any. A cancelled task's message that did not
    /// go out is not sent; of one that did the outcome is unknown.
    ///
    /// All tasks share one channel. Where the broker closes it over a message, the outcome of others that were on their way is
    /// unknown too; after that messages go out one at a time until 100 were confirmed, so that the next one that is refused
    /// costs no other. Who publishes what may be refused, and much of it, has a channel of his own with ``withChannel(on:_:)``.
    ///
    /// - Parameters:
    ///   - message: what to publish, and where to.
    ///   - resendingUnknown: whether a message is sent again that went out and whose confirm was lost with the connection.
    ///     Then it may arrive twice; otherwise the loss is thrown as `outcomeUnknown`. So it is in any case where it can't be
    ///     sent again, as the task is cancelled or the client closes, where the broker does not take it then, and where the
    ///     broker closed the channel, or the connection other than to shut down or for want of a resource, which may have been
    ///     over this message.
    /// - Throws: ``PublishError``, which tells apart what may be published again without risk of a duplicate.
    public nonisolated func publish(
        _ message: AMQPMessage,
        resendingUnknown: Bool = false
    ) async throws(PublishError) {
        guard let line else { throw .notSent(.noConnection(for: .publishing)) }
        try await line.publish(message, resendingUnknown: resendingUnknown)
    }

    /// Keeps a channel open for a publisher that lives on the event loop, and opens another one whenever it was closed.
    ///
    /// - Parameters:
    ///   - window: how much may be on its way.
    ///   - opened: called on the event loop with each channel, before anything else about it. Numbers of publishes
    ///     begin at 1 again.
    ///   - handlers: of each channel in turn. Before `closed`, all that was outstanding has been told to `settled`.
    /// - Throws: ``AMQPError`` with `invalidConfiguration` where the client has no publishing connection, or with `shutDown`
    ///   where it is closed.
    public func keepPublishingChannel(
        window: PublishWindow = PublishWindow(),
        opened: @escaping @Sendable (AMQPChannel) -> Void,
        handlers: AMQPChannelHandlers
    ) throws(AMQPError) {
        // It would get no channel, and nothing would tell so.
        guard !isClosing else { throw .closedClient }
        let line = PublishingLine(
            on: try connection(of: .publishing),
            eventLoop: eventLoop,
            window: window,
            // What to send again, and when, is the publisher's matter.
            findsCulprits: false,
            opened: opened,
            handlers: handlers
        )
        newJobs.yield { await line.run() }
    }

    /// Waits for a connection and opens a channel on it while `body` runs. Where the client closes or reconnects meanwhile, the
    /// channel ends: what was published on it is waited for before, and what waits for room is not sent.
    ///
    /// - Parameters:
    ///   - role: the connection. On the consuming one a channel can't publish: it is opened without confirms.
    ///   - body: gets the channel, which is closed when it returns or throws.
    /// - Throws: ``AMQPError`` where a channel can't be had: with `shutDown` where the client is closed, with
    ///   `invalidConfiguration` where it has no such connection; or what `body` throws.
    public nonisolated func withChannel<Value>(
        on role: AMQPConnectionRole = .publishing,
        _ body: (AMQPChannel) async throws -> Value
    ) async throws -> Value {
        try await openChannel(on: role).closed(after: body)
    }

    nonisolated func openChannel(on role: AMQPConnectionRole) async throws(AMQPError) -> AMQPChannel {
        try await openConnection(of: role, needsExchanges: false).openChannel(confirms: role == .publishing)
    }

    nonisolated func openConnection(
        of role: AMQPConnectionRole,
        needsExchanges: Bool
    ) async throws(AMQPError) -> AMQPConnection {
        guard let open = try await connection(of: role).ready(needsExchanges: needsExchanges) else { throw .noChannel }
        return open
    }
}

extension AMQPChannel {
    /// Closes the channel when `body` returns or throws.
    func closed<Value, Failure: Error>(
        after body: (AMQPChannel) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        do throws(Failure) {
            let value = try await body(self)
            try? await close()
            return value
        } catch {
            try? await close()
            throw error
        }
    }
}

extension AMQPError {
    /// Why no channel comes any more for which somebody waited.
    static var noChannel: AMQPError {
        if Task.isCancelled { return AMQPError(.cancelled, "the task was cancelled while it waited for a channel") }
        return .closedClient
    }

    static var closedClient: AMQPError { AMQPError(.shutDown, "the client is closed") }

    static func noConnection(for role: AMQPConnectionRole) -> AMQPError {
        AMQPError(.invalidConfiguration, "the client has no connection for \(role)")
    }

    /// Whether another channel may take the message.
    var isLossOfChannel: Bool {
        switch code {
        case .invalidArgument, .cancelled, .limitExceeded, .shutDown: false
        default: true
        }
    }
}
