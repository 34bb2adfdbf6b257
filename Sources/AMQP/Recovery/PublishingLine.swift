internal import Logging
internal import NIOCore

/// Keeps a channel open on which to publish: closed by the broker, or lost with its connection, it is opened again.
///
/// Lives on the event loop of the connection.
actor PublishingLine {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private let connection: RecoveringConnection
    private let window: PublishWindow
    private let prepare: @Sendable (AMQPChannel) async throws(AMQPError) -> Void
    private let opened: @Sendable (AMQPChannel) -> Void
    private let handlers: AMQPChannelHandlers

    private var channel: AMQPChannel?
    private var ending = OneShot<AMQPError>()
    private var hasProgressed = false
    /// How many have it drained. Meanwhile nobody gets the channel who has not got it, and it has no room for those who
    /// have.
    private var drainers = 0
    private var isFinished = false
    private var nextWaiter: UInt64 = 0
    private var waiters: [UInt64: CheckedContinuation<AMQPChannel?, Never>] = [:]
    /// Those who wait until all is settled.
    private var drains: [UInt64: CheckedContinuation<Void, Never>] = [:]

    /// - Parameters:
    ///   - prepare: done on each channel before anybody gets it.
    ///   - opened: told of each channel before anybody else gets it.
    init(
        on connection: RecoveringConnection,
        eventLoop: any EventLoop,
        window: PublishWindow = PublishWindow(),
        prepare: @escaping @Sendable (AMQPChannel) async throws(AMQPError) -> Void = { _ in },
        opened: @escaping @Sendable (AMQPChannel) -> Void = { _ in },
        handlers: AMQPChannelHandlers = AMQPChannelHandlers()
    ) {
        unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        self.connection = connection
        self.window = window
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
        if let channel, !isDraining, channel.isOpen { return channel }
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
                case .notSent:
                    if let unknown { throw .outcomeUnknown(unknown) }
                    throw error
                // Sent again, one over which the broker closed the channel would have it close the next one, for ever.
                case .outcomeUnknown(let cause)
                where resendingUnknown && cause.isLossOfChannel && !cause.mayBeOverPublish:
                    unknown = cause
                default: throw error
                }
            }
        }
    }

    /// Lets nothing more out and waits until all that went out is settled, `timeout` at most.
    func drain(within timeout: Duration) async {
        drainers += 1
        channel?.setHeld(true)
        guard unsettled > 0 else { return }
        let id = nextWaiter
        nextWaiter += 1
        let sleep = connection.environment.sleep
        let limit = Task {
            try? await sleep(timeout)
            drains.removeValue(forKey: id)?.resume()
        }
        await withCheckedContinuation { drains[id] = $0 }
        limit.cancel()
    }

    /// After each ``drain(within:)``: with the last one the channel is given out again.
    func resume() {
        drainers -= 1
        guard !isDraining, let channel else { return }
        channel.setHeld(false)
        give(channel)
    }

    private func keepOpen(on connection: AMQPConnection) async throws(AMQPError) -> AMQPError {
        ending = OneShot()
        hasProgressed = false
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
            if isDraining { channel.setHeld(true) }
            opened(channel)
            if !isDraining { give(channel) }
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
        hasProgressed = hasProgressed || settlements.contains(where: \.outcome.isConfirmed)
        if !drains.isEmpty, unsettled == 0 { endDrains() }
    }

    private func endDrains() {
        for waiter in drains.values { waiter.resume() }
        drains = [:]
    }

    private func ended(_ error: AMQPError) {
        channel = nil
        endDrains()
        ending.fulfil(error)
    }

    /// With a lost connection the next one is waited for. A message that is refused costs its channel and no more: the
    /// next one is opened at once. What refuses all of them is waited for.
    private func recover(
        from error: AMQPError,
        on connection: AMQPConnection,
        _ backoff: inout Backoff
    ) async {
        guard await connection.failure == nil else { return }
        if error.code == .channelClosedByBroker {
            self.connection.logger.warning("a publish was refused", metadata: [LogKey.error: "\(error)"])
            self.connection.emit(.publishingChannelClosed(error))
        }
        switch error.reply?.cause {
        case .topicRefused, .messageTooLarge: return
        case .exchangeMissing: await self.connection.redeclare()
        default: break
        }
        await self.connection.sleep(&backoff)
    }

    private func give(_ channel: AMQPChannel) {
        for waiter in waiters.values { waiter.resume(returning: channel) }
        waiters = [:]
    }

    private func giveUp(_ id: UInt64) {
        waiters.removeValue(forKey: id)?.resume(returning: nil)
    }

    private func finish() {
        isFinished = true
        for waiter in waiters.values { waiter.resume(returning: nil) }
        waiters = [:]
    }

    private var isDraining: Bool { drainers > 0 }

    private var unsettled: Int { channel?.unsettledPublishes ?? 0 }
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

    /// Whether publishes have to wait, whatever room there is. On the event loop.
    fileprivate func setHeld(_ isHeld: Bool) {
        connection.assumeIsolated { $0.setHeld(isHeld, self) }
    }

    /// Publishes that went out and wait for their outcome. On the event loop.
    var unsettledPublishes: Int {
        connection.assumeIsolated { $0.machine.channels[Int(number)]?.confirms.outstanding ?? 0 }
    }
}
