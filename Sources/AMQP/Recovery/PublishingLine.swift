internal import Logging
internal import NIOCore

/// Keeps a channel open on which to publish: closed by the broker, or lost with its connection, it is opened again.
///
/// Lives on the event loop of the connection.
actor PublishingLine {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private let connection: RecoveringConnection
    private let window: PublishWindow
    private let findsCulprits: Bool
    private let prepare: @Sendable (AMQPChannel) async throws(AMQPError) -> Void
    private let opened: @Sendable (AMQPChannel) -> Void
    private let handlers: AMQPChannelHandlers

    private var channel: AMQPChannel?
    private var ending = OneShot<AMQPError>()
    private var hasProgressed = false
    /// Whether the broker closed the channel over the one message that was on its way, and whoever published it knows.
    private var hasCulprit = false
    /// How many have to be confirmed before messages go out together again.
    private var probation = 0
    private var isFinished = false
    private var nextWaiter: UInt64 = 0
    private var waiters: [UInt64: CheckedContinuation<AMQPChannel?, Never>] = [:]

    /// After the broker has closed a channel; so many that a message which is refused time and again comes before.
    private static let probationLength = 100

    /// - Parameters:
    ///   - findsCulprits: whether messages go out one at a time after the broker has closed a channel, until some were
    ///     confirmed: then the next one that it refuses costs no other.
    ///   - prepare: done on each channel before anybody gets it.
    ///   - opened: told of each channel before anybody else gets it.
    init(
        on connection: RecoveringConnection,
        eventLoop: any EventLoop,
        window: PublishWindow = PublishWindow(),
        findsCulprits: Bool = true,
        prepare: @escaping @Sendable (AMQPChannel) async throws(AMQPError) -> Void = { _ in },
        opened: @escaping @Sendable (AMQPChannel) -> Void = { _ in },
        handlers: AMQPChannelHandlers = AMQPChannelHandlers()
    ) {
        unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        self.connection = connection
        self.window = window
        self.findsCulprits = findsCulprits
        self.prepare = prepare
        self.opened = opened
        self.handlers = handlers
    }

    /// Keeps a channel open until the connection is closed for good.
    func run() async {
        var backoff = Backoff(policy: connection.configuration.recovery)
        while let connection = await connection.ready(needsExchanges: true) {
            let error: AMQPError
            do throws(AMQPError) {
                error = try await keepOpen(on: connection)
            } catch let failure {
                error = failure
            }
            if hasProgressed { backoff.reset() }
            await recover(from: error, on: connection, &backoff)
        }
        finish()
    }

    /// The channel, once there is one.
    ///
    /// - Returns: Nil when there will be none any more, or the task was cancelled.
    func openChannel() async -> AMQPChannel? {
        if let channel, channel.isOpen { return channel }
        guard !isFinished, !Task.isCancelled else { return nil }
        let id = nextWaiter
        nextWaiter += 1
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiters[id] = $0 }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    /// Publishes on the channel, and on the next one what did not go out on it. Here and not with the caller, whom each
    /// hop to the event loop and back would wake.
    func publish(_ message: AMQPMessage, resendingUnknown: Bool) async throws(PublishError) {
        // Of what went out before: the message may be there, whether or not it goes out again.
        var unknown: AMQPError?
        while true {
            do throws(PublishError) {
                guard let channel = await openChannel() else { throw .notSent(.noChannel) }
                return try await channel.publish(message)
            } catch {
                switch error {
                case .notSent(let cause) where cause.isLossOfChannel: continue
                // Sent again, one over which the broker closed the channel would have it close the next one, for ever.
                case .outcomeUnknown(let cause)
                where resendingUnknown && cause.isLossOfChannel && !cause.mayBeOverPublish:
                    unknown = cause
                case .outcomeUnknown: throw error
                // Whatever became of this one, what was sent before may be there.
                case .notSent, .nacked, .returned, .refused: throw unknown.map { .outcomeUnknown($0) } ?? error
                }
            }
        }
    }

    private func keepOpen(on connection: AMQPConnection) async throws(AMQPError) -> AMQPError {
        ending = OneShot()
        hasProgressed = false
        hasCulprit = false
        let window = probation > 0 ? PublishWindow(messages: 1, bytes: window.bytes) : window
        let channel = try await connection.openChannel(window: window, handlers: wrapped())
        do throws(AMQPError) {
            try await prepare(channel)
        } catch {
            try? await channel.close()
            throw error
        }
        // It may have ended meanwhile: then nobody gets it.
        if !ending.isFulfilled {
            self.channel = channel
            opened(channel)
            give(channel)
        }
        return await withCheckedContinuation { ending.await($0) }
    }

    private func wrapped() -> AMQPChannelHandlers {
        let handlers = handlers
        return AMQPChannelHandlers(
            settled: { [weak self] settlements in
                handlers.settled(settlements)
                self?.assumeIsolated { $0.settled(settlements) }
            },
            room: handlers.room,
            closed: { [weak self] error in
                self?.assumeIsolated { $0.ended(error) }
                handlers.closed(error)
            }
        )
    }

    private func settled(_ settlements: [PublishSettlement]) {
        for settlement in settlements {
            switch settlement.outcome {
            case .confirmed:
                hasProgressed = true
                if probation > 0 { endProbation(after: settlement.numbers.count) }
            case .refused: hasCulprit = findsCulprits
            case .nacked, .returned, .unknown: break
            }
        }
    }

    private func endProbation(after confirms: Int) {
        probation = max(0, probation - confirms)
        if probation == 0 { channel?.setWindow(window) }
    }

    private func ended(_ error: AMQPError) {
        channel = nil
        ending.fulfil(error)
    }

    /// With a lost connection the next one is waited for. A message that is refused costs its channel and no more: the
    /// next one is opened at once. What may refuse all of them is waited for.
    private func recover(
        from error: AMQPError,
        on connection: AMQPConnection,
        _ backoff: inout Backoff
    ) async {
        guard await connection.failure == nil else { return }
        if error.code == .channelClosedByBroker {
            self.connection.logger.warning("a publish was refused", metadata: [LogKey.error: "\(error)"])
            self.connection.emit(.publishingChannelClosed(error))
            if findsCulprits { probation = Self.probationLength }
        }
        let cause = error.reply?.cause
        if cause?.culprit == .message { return }
        if case .exchangeMissing(let exchange) = cause { await self.connection.restore(exchange) }
        if !hasCulprit { await self.connection.sleep(&backoff) }
    }

    private func give(_ channel: AMQPChannel) {
        for waiter in waiters.values { waiter.resume(returning: channel) }
        waiters = [:]
    }

    private func giveUp(_ id: UInt64) {
        waiters.removeValue(forKey: id)?.resume(returning: nil)
    }

    /// There will be no channel any more.
    func finish() {
        isFinished = true
        for waiter in waiters.values { waiter.resume(returning: nil) }
        waiters = [:]
    }
}

extension RecoveringConnection {
    /// Waits as long as the back-off says.
    func sleep(_ backoff: inout Backoff) async {
        let duration = backoff.next(using: &random)
        try? await environment.sleep(duration)
    }
}

extension AMQPError {
    /// Whether the broker may have closed the channel, or all of the connection, over what was published, and would again. What it
    /// lacks (506), as for a stream that was declared just now, it may have by then.
    fileprivate var mayBeOverPublish: Bool {
        code == .channelClosedByBroker
            || code == .connectionClosedByBroker && reply?.cause != .forced && reply?.code != .resourceError
    }
}

extension AMQPChannel {
    /// Whether its connection takes anything: one that is being closed has its channels for a little longer. On the event
    /// loop.
    fileprivate var isOpen: Bool { connection.assumeIsolated { $0.machine.isOpen } }

    /// From the next confirm on so much may be on its way. On the event loop.
    fileprivate func setWindow(_ window: PublishWindow) {
        connection.assumeIsolated { (try? $0.context(of: self))?.window = window }
    }
}
