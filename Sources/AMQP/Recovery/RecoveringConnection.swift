internal import Logging
internal import Metrics
internal import NIOCore

/// A connection that comes back. Carries out what a ``RecoveryMachine`` decides, and declares the topology on each
/// connection before anybody gets it.
///
/// Lives on the event loop of its connections, so that their callbacks reach it synchronously.
actor RecoveringConnection {
    nonisolated let unownedExecutor: UnownedSerialExecutor
    nonisolated let role: AMQPConnectionRole
    nonisolated let configuration: AMQPConfiguration
    let environment: RecoveryEnvironment
    let emit: @Sendable (AMQPClientEvent) -> Void
    var topology: AMQPTopology
    /// The names that the broker chose on the connection at hand, by alias.
    var serverNames: [String: String] = [:]
    /// What is not declared on the connection at hand.
    var missing: [AMQPTopology.Entity] = []
    /// What ended a connection when it was declared, and what is told of it on each that follows. It is left out until the
    /// topology is set anew, the connection is lost for another reason, or ``quarantineEnd`` is over.
    var quarantined: [(entity: AMQPTopology.Entity, failure: AMQPError)] = []
    /// Waits on the connection at hand until what is quarantined gets another chance.
    var quarantineEnd: Task<Void, Never>?
    /// Where it ends the connection again, that happens once in minutes.
    var quarantineBackoff = Backoff(
        policy: AMQPRecoveryPolicy(initialBackoff: .seconds(30), maximumBackoff: .seconds(600))
    )
    /// Queues that were deleted with their last consumer, and what led to them, until there is another one.
    var resting = AMQPTopology()
    /// Whether all is being declared as an exchange was missing: once is enough, however many messages found that out.
    var isRebinding = false
    /// What is being declared right now.
    var declaring: AMQPTopology.Entity?

    /// What the next connection is opened with. How losses are dealt with stays as in ``configuration``.
    private(set) var current: AMQPConfiguration
    private let metrics: ConnectionMetrics
    private let eventLoop: any EventLoop
    let logger: Logger
    var random: any RandomNumberGenerator & Sendable
    private var machine: RecoveryMachine
    private var addresses: [SocketAddress] = []
    private(set) var connection: AMQPConnection?
    private var hasConnected = false
    /// Whatever is under way for the machine: one thing at a time.
    private var step: Task<Void, Never>?
    var topologyRetry: Task<Void, Never>?
    var lastDeclaration = 0
    private var nextWaiter: UInt64 = 0
    private var waiters: [UInt64: Waiter] = [:]
    /// How many have it drained. Meanwhile nobody gets the connection who has not got it.
    private var drainers = 0
    private var finishWaiters: [CheckedContinuation<Void, Never>] = []

    /// Told what came of an exchange that a publish found missing.
    let exchangeWasMissing: @Sendable (MissingExchange) -> Void

    private typealias Waiter = (needsExchanges: Bool, continuation: CheckedContinuation<AMQPConnection?, Never>)

    init(
        role: AMQPConnectionRole,
        configuration: AMQPConfiguration,
        topology: AMQPTopology,
        eventLoop: any EventLoop,
        environment: RecoveryEnvironment,
        logger: Logger,
        exchangeWasMissing: @escaping @Sendable (MissingExchange) -> Void = { _ in },
        emit: @escaping @Sendable (AMQPClientEvent) -> Void
    ) {
        unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        self.role = role
        metrics = ConnectionMetrics(role: role)
        self.configuration = configuration
        current = configuration
        self.topology = topology
        self.eventLoop = eventLoop
        self.environment = environment
        self.exchangeWasMissing = exchangeWasMissing
        self.emit = emit
        random = environment.random
        var logger = logger
        logger[metadataKey: LogKey.role] = "\(role)"
        self.logger = logger
        machine = RecoveryMachine(endpoints: configuration.endpoints.count, policy: configuration.recovery)
    }

    /// Connects, and again after each loss, until ``close()``.
    func run() async {
        perform(machine.start())
        await finished()
    }

    /// Waits for a connection whose topology was declared, as far as that went.
    ///
    /// - Parameter needsExchanges: whether every exchange has to be there.
    /// - Returns: Nil when there will be none any more, or the task was cancelled.
    func ready(needsExchanges: Bool) async -> AMQPConnection? {
        if let connection = usableConnection(needsExchanges: needsExchanges) { return connection }
        guard !machine.isFinished, !Task.isCancelled else { return nil }
        let id = nextWaiter
        nextWaiter += 1
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiters[id] = (needsExchanges, $0) }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    /// Closes the connection at hand in good order, waits until it is closed, and opens another one, as for a new
    /// certificate.
    func renew() async {
        let action = machine.renew()
        perform(action)
        if case .close = action { await step?.value }
    }

    /// As ``renew()``, with other endpoints, credentials or certificates.
    ///
    /// - Parameter topology: what the next connection declares, where it is not the same.
    func renew(with configuration: AMQPConfiguration, _ topology: AMQPTopology? = nil) async {
        current = configuration
        machine.setEndpoints(configuration.endpoints.count)
        if let topology { replaceTopology(topology) }
        await renew()
    }

    /// Lets nothing more out, whoever has a channel, and waits until all that went out is settled, `timeout` at most.
    func drain(within timeout: Duration) async {
        drainers += 1
        guard let connection else { return }
        await connection.setHeld(true)
        let settling = Task { await connection.allSettled() }
        let sleep = environment.sleep
        let limit = Task {
            try? await sleep(timeout)
            settling.cancel()
        }
        await settling.value
        limit.cancel()
    }

    /// After each ``drain(within:)``: with the last one publishing goes on.
    func resume() {
        drainers -= 1
        guard drainers == 0 else { return }
        connection?.assumeIsolated { $0.setHeld(false) }
        resumeWaiters()
    }

    var isOpen: Bool { machine.isOpen }

    /// Closes for good, and waits until that is done.
    func close() async {
        perform(machine.close())
        await finished()
    }

    // MARK: Carrying out

    private func perform(_ action: RecoveryMachine.Action) {
        switch action {
        case .none: break
        case .resolve(let endpoint, let generation):
            start { await $0.resolve(endpoint, generation) }
        case .connect(let endpoint, let address, let generation):
            start { await $0.connect(endpoint, address, generation) }
        case .setUp(let generation):
            start { await $0.setUp(generation) }
        case .discard:
            // Whoever opened it has it, and closes it.
            break
        case .wait(let duration, let generation):
            logger.debug("connecting again later", metadata: [LogKey.wait: "\(duration)"])
            start { await $0.wait(duration, generation) }
        case .close(let generation):
            start { await $0.closeConnection(generation) }
        case .finish:
            step?.cancel()
            topologyRetry?.cancel()
            quarantineEnd?.cancel()
            for waiter in waiters.values { waiter.continuation.resume(returning: nil) }
            waiters = [:]
            for waiter in finishWaiters { waiter.resume() }
            finishWaiters = []
        }
    }

    private func start(_ body: @escaping @Sendable (RecoveringConnection) async -> Void) {
        step?.cancel()
        step = Task { await body(self) }
    }

    private func resolve(_ index: Int, _ generation: RecoveryMachine.Generation) async {
        // The endpoints may be others by now.
        guard generation == machine.generation else { return }
        let endpoint = current.endpoints[index]
        do throws(AMQPError) {
            let addresses = try await environment.resolve(endpoint)
            guard generation == machine.generation else { return }
            self.addresses = addresses
            perform(machine.resolved(addresses: addresses.count, generation, using: &random))
        } catch {
            attemptFailed(error.at(endpoint: endpoint.address), generation)
        }
    }

    private func connect(_ index: Int, _ address: Int, _ generation: RecoveryMachine.Generation) async {
        guard generation == machine.generation else { return }
        let endpoint = current.endpoints[index]
        do throws(AMQPError) {
            let connection = try await AMQPConnection.connect(
                to: endpoint,
                address: addresses[address],
                configuration: current,
                eventLoop: eventLoop,
                logger: logger,
                onEvent: { [weak self] event in
                    self?.assumeIsolated { $0.received(event, generation) }
                }
            )
            // It may have ended between its opening and here.
            if let failure = await connection.failure { throw failure }
            let action = machine.connected(generation, at: AMQPConnection.now)
            if action == .discard { return await connection.close() }
            self.connection = connection
            perform(action)
        } catch {
            attemptFailed(error.at(endpoint: endpoint.address), generation)
        }
    }

    private func attemptFailed(_ error: AMQPError, _ generation: RecoveryMachine.Generation) {
        guard generation == machine.generation, !machine.isFinished else { return }
        logger.warning("no connection", metadata: [LogKey.error: "\(error)"])
        metrics.failures.increment()
        emit(.connectFailed(role, error))
        perform(machine.attemptFailed(generation, using: &random))
    }

    private func setUp(_ generation: RecoveryMachine.Generation) async {
        guard let connection else { return }
        var declared: AMQPTopology
        repeat {
            declared = declarable
            await declareTopology(on: connection)
            guard generation == machine.generation, self.connection === connection else { return }
        } while declarable != declared
        machine.setUpFinished(generation)
        logger.info(
            "connected",
            metadata: [LogKey.endpoint: "\(connection.endpoint)", LogKey.generation: "\(generation)"]
        )
        metrics.connects.increment()
        if hasConnected { metrics.reconnects.increment() }
        hasConnected = true
        metrics.connected.record(1)
        emit(.connected(role, connection.endpoint, generation: generation))
        resumeWaiters()
    }

    private func wait(_ duration: Duration, _ generation: RecoveryMachine.Generation) async {
        try? await environment.sleep(duration)
        guard !Task.isCancelled else { return }
        perform(machine.waited(generation))
    }

    private func closeConnection(_ generation: RecoveryMachine.Generation) async {
        let connection = connection
        dropConnection()
        await connection?.close()
        perform(machine.closed(generation))
    }

    private func received(_ event: AMQPConnectionEvent, _ generation: RecoveryMachine.Generation) {
        guard generation == machine.generation, let connection else { return }
        switch event {
        case .blocked(let reason):
            logger.warning("blocked by the broker", metadata: [LogKey.reason: "\(reason.escapingControlCharacters)"])
            metrics.blocked.record(1)
            emit(.blocked(role, reason: reason))
        case .unblocked:
            logger.info("unblocked by the broker")
            metrics.blocked.record(0)
            emit(.unblocked(role))
        case .tokenRenewalFailed(let error):
            emit(.tokenRenewalFailed(role, error))
        case .closed(let error):
            let wasOfUse = connection.assumeIsolated { $0.wasOfUse }
            quarantineCulprit(of: error)
            dropConnection()
            logger.warning("connection lost", metadata: [LogKey.error: "\(error)"])
            metrics.losses.increment()
            emit(.lost(role, error, generation: generation))
            perform(machine.lost(generation, at: AMQPConnection.now, wasOfUse: wasOfUse, using: &random))
        }
    }

    private func dropConnection() {
        connection = nil
        metrics.connected.record(0)
        metrics.blocked.record(0)
        topologyRetry?.cancel()
        topologyRetry = nil
        quarantineEnd?.cancel()
        quarantineEnd = nil
        serverNames = [:]
        missing = []
    }

    // MARK: Those who wait

    func resumeWaiters() {
        for (id, waiter) in waiters {
            guard let connection = usableConnection(needsExchanges: waiter.needsExchanges) else { continue }
            waiters[id] = nil
            waiter.continuation.resume(returning: connection)
        }
    }

    private func usableConnection(needsExchanges: Bool) -> AMQPConnection? {
        let lacksExchange = (missing + quarantined.map(\.entity)).contains(where: \.isExchange)
        return machine.isOpen && drainers == 0 && !(needsExchanges && lacksExchange) ? connection : nil
    }

    private func giveUp(_ id: UInt64) {
        waiters.removeValue(forKey: id)?.continuation.resume(returning: nil)
    }

    private func finished() async {
        guard !machine.isFinished else { return }
        await withCheckedContinuation { finishWaiters.append($0) }
    }
}

extension AMQPTopology.Entity {
    fileprivate var isExchange: Bool {
        switch self {
        case .exchange: true
        case .queue, .binding: false
        }
    }
}
