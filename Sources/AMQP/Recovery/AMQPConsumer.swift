internal import Logging
internal import NIOCore

/// A consumer of a client: started again after each loss, on a channel of its own.
///
/// A stream, of which the broker delivers nothing again, is read on from the oldest message that was not settled.
///
/// Its handlers are called on the client's event loop. `cancelled` is called whenever it stops running: what was
/// delivered before and is not settled is delivered again, and settling it throws `staleDelivery`.
public actor AMQPConsumer {
    /// What one run of it hands deliveries to.
    struct Session: Sendable {
        var handlers: AMQPConsumerHandlers
        /// Waited for before it starts.
        var starting: @Sendable () async -> Void = {}
        /// Nothing more is taken from it: whoever waits for more has waited enough.
        var end: @Sendable () -> Void = {}
        /// Takes back what it keeps and nobody has seen.
        var takeRest: @Sendable () -> [AMQPDelivery] = { [] }
    }

    private enum Wish {
        case run
        case pause
        case stop
    }

    /// The executor of the client's event loop.
    public nonisolated let unownedExecutor: UnownedSerialExecutor
    /// The queue, or the alias of one that the broker names.
    public nonisolated let queue: String
    /// How it consumes.
    public nonisolated let options: AMQPConsumerOptions

    private let connection: RecoveringConnection
    private let makeSession: @Sendable (AMQPConnection) -> Session
    private let stopped: @Sendable (AMQPConsumer) async -> Void
    private var wish: Wish
    private var wishes = OneShot<Void>()
    private var recovery: ConsumerRecovery
    private var random: any RandomNumberGenerator & Sendable
    private var channel: AMQPChannel?
    private var session: Session?
    private var ending = OneShot<AMQPError>()
    /// Whether it was paused since it last began to start: however that ended, it was no fault.
    private var wasPaused = false
    /// The wait for the next try.
    private var backoff: Task<Void, Never>?
    /// Of what may be a stream.
    private var position: StreamPosition?
    /// Whether the broker has refused an offset: it is none, whatever its deliveries say.
    private var isNoStream = false

    /// One consumer a channel: its tag has to be unlike no other.
    private static let tag = "consumer"

    init(
        _ queue: String,
        options: AMQPConsumerOptions,
        isPaused: Bool,
        on connection: RecoveringConnection,
        eventLoop: any EventLoop,
        makeSession: @escaping @Sendable (AMQPConnection) -> Session,
        stopped: @escaping @Sendable (AMQPConsumer) async -> Void
    ) {
        unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        self.queue = queue
        self.options = options
        wish = isPaused ? .pause : .run
        self.connection = connection
        self.makeSession = makeSession
        self.stopped = stopped
        random = connection.environment.random
        recovery = ConsumerRecovery(
            policy: connection.configuration.recovery,
            retriesForever: options.retriesForever
        )
    }

    /// Whether the broker sends it deliveries.
    public var isRunning: Bool { channel != nil && session != nil }

    /// Stops consuming for a while. What is in hand goes back to the queue, at once and once.
    public func pause() async {
        guard case .run = wish else { return }
        wasPaused = true
        change(to: .pause)
        await closeChannel()
    }

    /// Consumes again after ``pause()``.
    public func resume() {
        guard case .pause = wish else { return }
        change(to: .run)
    }

    /// Ends the consumer: nothing more is delivered, what is in hand may still be settled within `timeout`; the rest
    /// goes back to the queue, or is lost where it needs no settlement, as is what comes until the broker's answer.
    ///
    /// Its queue may have another consumer after that: one that was deleted with this one is declared again then.
    public func stop(within timeout: Duration = .zero) async {
        await end(within: timeout)
        await stopped(self)
    }

    /// As ``stop(within:)``, but that the client goes on to know it.
    func end(within timeout: Duration = .zero) async {
        change(to: .stop)
        guard let channel else { return }
        // What is full by now would keep the answer from being read.
        session?.end()
        try? await channel.cancel(Self.tag)
        for delivery in session?.takeRest() ?? [] {
            try? channel.syncOperations.nack(delivery.tag, requeue: true)
        }
        await settled(channel, within: timeout)
        await closeChannel()
    }

    /// Another broker has other streams.
    func forgetPosition() {
        position = nil
        isNoStream = false
    }

    /// Runs until it is stopped, or the client closes.
    ///
    /// - Throws: ``AMQPError``, where the channel was closed over what it does or gets, or the connection over this start,
    ///   twice in the same way with nothing done in between.
    func run() async throws(AMQPError) {
        // Its queue rests already, and would be woken for nobody.
        if case .stop = wish { return }
        await connection.wake(queue: queue)
        while await isWanted() {
            guard let connection = await self.connection.ready(needsExchanges: false) else { return }
            guard case .run = wish else { continue }
            let (error, ran) = await run(on: connection)
            // While it is stopped in good order, whoever stops it closes the channel.
            if case .stop = wish { return }
            // With a lost connection, the next one is waited for above, unless this start may be what cost it.
            let isSuspect = !ran && error.isConnectionClosedOverConsume
            let isLost = await connection.failure != nil
            guard case .run = wish, !wasPaused, !isLost || isSuspect else {
                await closeChannel()
                continue
            }
            try await recover(from: error.about(.queue(queue)), ran: ran)
        }
    }

    /// - Returns: why it stopped, and whether it had started.
    private func run(on connection: AMQPConnection) async -> (AMQPError, ran: Bool) {
        do throws(AMQPError) {
            try await start(on: connection)
        } catch {
            // Anybody may write the header that a stream's deliveries have.
            if error.reply?.text.contains(StreamPosition.offset) == true {
                position = nil
                isNoStream = true
            }
            return (error, ran: false)
        }
        guard case .run = wish else { return (AMQPError(.consumerCancelled, "not wanted any more"), ran: false) }
        let started = AMQPConnection.now
        self.connection.emit(.consumerStarted(queue: queue))
        let error = await withCheckedContinuation { ending.await($0) }
        recovery.ran(for: AMQPConnection.now - started)
        return (error, ran: true)
    }

    private func start(on open: AMQPConnection) async throws(AMQPError) {
        ending = OneShot()
        wasPaused = false
        if position == nil, !isNoStream, await connection.mayBeStream(queue) { position = StreamPosition() }
        let session = makeSession(open)
        do throws(AMQPError) {
            try await start(session, on: open)
        } catch {
            // Who takes from it need not have been told by the channel.
            session.end()
            throw error
        }
    }

    private func start(_ session: Session, on connection: AMQPConnection) async throws(AMQPError) {
        await session.starting()
        let channel = try await connection.openChannel(
            confirms: false,
            handlers: AMQPChannelHandlers(closed: { [weak self] error in self?.assumeIsolated { $0.ended(error) } })
        )
        // Who stopped or paused it meanwhile had no channel to close.
        guard case .run = wish else {
            try? await channel.close()
            throw AMQPError(.consumerCancelled, "not wanted any more", subject: .queue(queue))
        }
        self.channel = channel
        self.session = session
        try await channel.setPrefetch(options.prefetch)
        try await channel.consume(
            await self.connection.wireName(of: queue),
            tag: Self.tag,
            needsSettlement: options.needsSettlement,
            exclusive: options.exclusive,
            arguments: position?.resume(options.arguments) ?? options.arguments,
            handlers: AMQPConsumerHandlers(
                deliveries: { [weak self] deliveries in
                    self?.assumeIsolated { $0.arrived(deliveries, on: channel) }
                    session.handlers.deliveries(deliveries)
                },
                cancelled: { [weak self] error in
                    session.handlers.cancelled(error)
                    self?.assumeIsolated { $0.ended(error) }
                }
            )
        )
    }

    private func arrived(_ deliveries: [AMQPDelivery], on channel: AMQPChannel) {
        position?.arrived(deliveries, needsSettlement: options.needsSettlement) { channel.isSettled($0) }
        if !options.needsSettlement { recovery.progressed() }
    }

    private func ended(_ error: AMQPError) {
        if session != nil, channel?.hasSettledDelivery == true { recovery.progressed() }
        if error.code == .consumerCancelledByBroker {
            // The queue may be made anew.
            forgetPosition()
        } else {
            channel = nil
        }
        session = nil
        ending.fulfil(error)
    }

    private func recover(from error: AMQPError, ran: Bool) async throws(AMQPError) {
        let decision =
            if ran ? isException(error) : isCulprit(of: error) {
                recovery.refused(error, using: &random)
            } else {
                recovery.didNotRun(using: &random)
            }
        // It is told at once: what did not answer before may let the close wait as well.
        switch decision {
        case .giveUp:
            change(to: .stop)
            log("not consuming any more", error)
            connection.emit(.consumerFailed(queue: queue, error))
            await closeChannel()
            throw error
        case .retry(let wait):
            log("not consuming", error)
            connection.emit(.consumerInterrupted(queue: queue, error))
            await closeChannel()
            await connection.redeclare()
            await waitUnlessStopped(wait)
        }
    }

    /// Whether the channel was closed over what it did, or from this side over what came and will come again.
    private func isException(_ error: AMQPError) -> Bool {
        switch error.code {
        case .channelClosedByBroker: true
        case .limitExceeded, .protocolViolation: options.needsSettlement
        default: false
        }
    }

    /// Whether the broker closed the connection over this start, and not over that of another consumer.
    private func isCulprit(of error: AMQPError) -> Bool {
        error.isConnectionClosedOverConsume && error.reply?.text.contains("queue '\(queue)'") == true
    }

    private func log(_ message: Logger.Message, _ error: AMQPError) {
        connection.logger.warning(message, metadata: [LogKey.queue: "\(queue)", LogKey.error: "\(error)"])
    }

    private func waitUnlessStopped(_ duration: Duration) async {
        if case .stop = wish { return }
        let sleep = connection.environment.sleep
        let backoff = Task { _ = try? await sleep(duration) }
        self.backoff = backoff
        await withTaskCancellationHandler {
            await backoff.value
        } onCancel: {
            backoff.cancel()
        }
        self.backoff = nil
    }

    // MARK: Stopping

    private func isWanted() async -> Bool {
        while case .pause = wish {
            await withCheckedContinuation { wishes.await($0) }
        }
        if case .run = wish { return true }
        return false
    }

    private func change(to wish: Wish) {
        self.wish = wish
        if case .stop = wish { backoff?.cancel() }
        wishes.fulfil(())
        wishes = OneShot()
    }

    private func closeChannel() async {
        guard let channel else { return }
        try? await channel.close()
        // Its end may have been told, and another one be open by now.
        guard self.channel === channel else { return }
        ended(AMQPError(.consumerCancelled, "stopped from this side", subject: .queue(queue)))
    }

    /// Deliveries are settled past this actor, straight on the channel; so it is looked at.
    private func settled(_ channel: AMQPChannel, within timeout: Duration) async {
        let interval = Duration.milliseconds(10)
        var waited = Duration.zero
        while waited < timeout, self.channel === channel, channel.unsettledDeliveries > 0, !Task.isCancelled {
            try? await connection.environment.sleep(interval)
            waited += interval
        }
    }
}

extension AMQPError {
    /// As RabbitMQ does over a stream without settlement.
    fileprivate var isConnectionClosedOverConsume: Bool {
        guard code == .connectionClosedByBroker, let reply else { return false }
        return MethodID(classID: reply.classID, methodID: reply.methodID) == Method.Basic.Consume.id
    }
}

extension AMQPChannel {
    /// Whether a delivery is known to be settled; not once the channel is closed. On the event loop.
    fileprivate func isSettled(_ tag: UInt64) -> Bool {
        connection.assumeIsolated { connection in
            guard let channel = connection.machine.channels[Int(number)], channel.isOpen else { return false }
            return !channel.deliveries.isOutstanding(tag)
        }
    }

    /// Whether any delivery was settled; known until whoever hears of the channel's end has heard. On the event loop.
    fileprivate var hasSettledDelivery: Bool {
        connection.assumeIsolated { connection in
            guard let context = connection.contexts[number], context.channel === self else { return false }
            return context.hasSettled
        }
    }

    /// Deliveries that wait for their settlement. On the event loop.
    var unsettledDeliveries: Int {
        connection.assumeIsolated { $0.machine.channels[Int(number)]?.deliveries.outstanding ?? 0 }
    }
}
