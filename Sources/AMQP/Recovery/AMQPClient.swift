public import Logging
public import NIOCore
public import NIOPosix

#if ServiceLifecycle
public import ServiceLifecycle
#endif

/// A client that stays connected: a connection for publishing and one for consuming, each of which comes back after a
/// loss, with its topology and what runs on it.
///
/// Both connections live on one event loop, which is the client's executor too. Whoever runs on that loop, as an actor
/// with its executor, gets every callback synchronously and calls channels without a hop.
///
/// ```swift
/// let configuration = try AMQPConfiguration(uri: "amqp://localhost")
/// let client = try AMQPClient(configuration: configuration, topology: topology, logger: logger)
/// let group = ServiceGroup(
///     services: [client],
///     gracefulShutdownSignals: [.sigterm, .sigint],
///     logger: logger
/// )
/// try await group.run()  // it works meanwhile, for other services or tasks; SIGTERM drains it
/// ```
public actor AMQPClient {
    /// The executor of ``eventLoop``.
    public nonisolated let unownedExecutor: UnownedSerialExecutor
    /// The loop on which everything of this client happens.
    public nonisolated let eventLoop: any EventLoop
    /// What happens, for one task to read. The newest 256 are kept where nobody does.
    public nonisolated let events: AsyncStream<AMQPClientEvent>

    nonisolated let configuration: AMQPConfiguration
    nonisolated let environment: RecoveryEnvironment
    nonisolated let publishing: RecoveringConnection?
    nonisolated let consuming: RecoveringConnection?
    /// The channel of ``publish(_:resendingUnknown:)``.
    nonisolated let line: PublishingLine?
    var consumers: [ObjectIdentifier: AMQPConsumer] = [:]
    /// That of ``request(_:within:)``, once there was one.
    var requests: RequestLine?

    /// What runs while the client does, beside its connections.
    let jobs: AsyncStream<@Sendable () async -> Void>
    let newJobs: AsyncStream<@Sendable () async -> Void>.Continuation
    private let newEvents: AsyncStream<AMQPClientEvent>.Continuation
    private(set) var isClosing = false

    /// Creates a client whose connections declare different things.
    ///
    /// - Parameters:
    ///   - configuration: the brokers, and how to behave there.
    ///   - publishing: what the publishing connection declares; nil where there is to be none.
    ///   - consuming: what the consuming connection declares; nil where there is to be none.
    ///   - eventLoop: where everything happens; one of NIO's own by default.
    ///   - logger: gets losses and what can't be had as warnings, connections as information.
    ///   - onEvent: told of every event when it happens, on the event loop. It must not block.
    /// - Throws: ``AMQPError`` with `invalidConfiguration`.
    public init(
        configuration: AMQPConfiguration,
        publishing: AMQPTopology?,
        consuming: AMQPTopology?,
        eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        logger: Logger,
        onEvent: @escaping @Sendable (AMQPClientEvent) -> Void = { _ in }
    ) throws(AMQPError) {
        try self.init(
            configuration: configuration,
            publishing: publishing,
            consuming: consuming,
            eventLoop: eventLoop,
            environment: RecoveryEnvironment(),
            logger: logger,
            onEvent: onEvent
        )
    }

    /// Creates a client. Both connections declare the topology, but that queues which belong to one connection are the
    /// consuming one's.
    ///
    /// - Throws: ``AMQPError`` with `invalidConfiguration`.
    public init(
        configuration: AMQPConfiguration,
        topology: AMQPTopology = AMQPTopology(),
        eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        logger: Logger,
        onEvent: @escaping @Sendable (AMQPClientEvent) -> Void = { _ in }
    ) throws(AMQPError) {
        try self.init(
            configuration: configuration,
            publishing: topology.shareable,
            consuming: topology,
            eventLoop: eventLoop,
            logger: logger,
            onEvent: onEvent
        )
    }

    init(
        configuration: AMQPConfiguration,
        publishing: AMQPTopology?,
        consuming: AMQPTopology?,
        eventLoop: any EventLoop,
        environment: RecoveryEnvironment,
        logger: Logger,
        onEvent: @escaping @Sendable (AMQPClientEvent) -> Void
    ) throws(AMQPError) {
        try configuration.validate()
        unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.environment = environment
        let (events, newEvents) = AsyncStream.makeStream(
            of: AMQPClientEvent.self,
            bufferingPolicy: .bufferingNewest(256)
        )
        self.events = events
        self.newEvents = newEvents
        (jobs, newJobs) = AsyncStream.makeStream()

        func connection(
            _ role: AMQPConnectionRole,
            _ topology: AMQPTopology,
            exchangeWasMissing: @escaping @Sendable (MissingExchange) -> Void = { _ in }
        ) -> RecoveringConnection {
            RecoveringConnection(
                role: role,
                configuration: configuration,
                topology: topology,
                eventLoop: eventLoop,
                environment: environment,
                logger: logger,
                exchangeWasMissing: exchangeWasMissing
            ) { event in
                onEvent(event)
                newEvents.yield(event)
            }
        }
        let consumer = consuming.map { connection(.consuming, $0) }
        self.consuming = consumer
        self.publishing = publishing.map {
            // Not waited for: a connection that holds too much may not be read for long.
            connection(.publishing, $0) { missing in Task { await consumer?.rebind(after: missing) } }
        }
        line = self.publishing.map { PublishingLine(on: $0, eventLoop: eventLoop) }
    }

    /// Connects and stays connected until the task is cancelled, which closes at once, or the service is shut down
    /// gracefully: then consumers are cancelled, what they hold is settled, confirms are waited for, and the
    /// connections close, all that within ``AMQPConfiguration/drainTimeout``.
    ///
    /// A broker that is away is no error: it is tried for as long as it takes, and the events say why it fails.
    public func run() async {
        let line = line
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await withDiscardingTaskGroup { group in
                    for connection in connections { group.addTask { await connection.run() } }
                    if let line { group.addTask { await line.run() } }
                    for await job in jobs { group.addTask { await job() } }
                    // All is closed: who waits for his next try has none.
                    group.cancelAll()
                }
            } onGracefulShutdown: {
                Task { await self.close(drainingWithin: self.configuration.drainTimeout) }
            }
        } onCancel: {
            Task { await self.close(drainingWithin: .zero) }
        }
        newEvents.finish()
    }

    /// Ends the client, as a graceful shutdown of its service does.
    ///
    /// - Parameter timeout: how long deliveries may be settled and confirms waited for; nil takes the configuration's.
    public func close(drainingWithin timeout: Duration? = nil) async {
        guard !isClosing || timeout == .zero else { return }
        isClosing = true
        let timeout = timeout ?? configuration.drainTimeout
        if timeout > .zero {
            // A broker that answers nothing would hold up each consumer for as long as a reply may take.
            let sleep = environment.sleep
            let limit = Task {
                try await sleep(timeout)
                try Task.checkCancellation()
                await closeConnections()
            }
            await drain(within: timeout)
            limit.cancel()
        }
        await closeConnections()
        // Those that wait for their next try have none.
        for consumer in consumers.values { await consumer.end() }
        newJobs.finish()
        // Those of a client that never ran end by nothing else.
        await line?.finish()
        await requests?.line.finish()
        newEvents.finish()
    }

    /// Closes connections in good order and opens them again, as for a new certificate. Consumers and publishers go on
    /// by themselves; nothing more is published until confirms came, which are waited for as long as a close may take, and
    /// deliveries in hand come again.
    public func reconnect() async {
        await reconnecting { await $0.renew() }
    }

    /// As ``reconnect()``, with other endpoints, credentials, certificates or limits. Its recovery policy and time-outs of
    /// closing stay those that the client began with.
    ///
    /// - Throws: ``AMQPError`` with `invalidConfiguration`; nothing has changed then.
    public func reconnect(with configuration: AMQPConfiguration) async throws(AMQPError) {
        try configuration.validate()
        await forgetPositions(unlessAt: configuration)
        await reconnecting { await $0.renew(with: configuration) }
    }

    /// As ``reconnect(with:)``, with what each connection declares from then on: the broker that is left gets nothing of that,
    /// and the other one nothing of what was declared before.
    ///
    /// - Throws: ``AMQPError`` with `invalidConfiguration`; nothing has changed then.
    public func reconnect(
        with configuration: AMQPConfiguration,
        publishing: AMQPTopology,
        consuming: AMQPTopology
    ) async throws(AMQPError) {
        try configuration.validate()
        await forgetPositions(unlessAt: configuration)
        await reconnecting { await $0.renew(with: configuration, $0.role == .publishing ? publishing : consuming) }
    }

    /// Another broker has other streams; one that is in both lists may be the same, or of the same cluster.
    private func forgetPositions(unlessAt configuration: AMQPConfiguration) async {
        func places(_ endpoints: [AMQPEndpoint]) -> Set<String> {
            Set(endpoints.map { "\($0.address)/\($0.virtualHost)" })
        }
        guard let old = await consuming?.current.endpoints,
            places(old).isDisjoint(with: places(configuration.endpoints))
        else { return }
        for consumer in consumers.values { await consumer.forgetPosition() }
    }

    nonisolated var connections: [RecoveringConnection] { [publishing, consuming].compactMap(\.self) }

    /// - Throws: ``AMQPError`` with `invalidConfiguration` where the client was made without it.
    nonisolated func connection(of role: AMQPConnectionRole) throws(AMQPError) -> RecoveringConnection {
        let connection =
            switch role {
            case .publishing: publishing
            case .consuming: consuming
            }
        guard let connection else { throw .noConnection(for: role) }
        return connection
    }

    private func closeConnections() async {
        await withDiscardingTaskGroup { group in
            for connection in connections { group.addTask { await connection.close() } }
        }
    }

    private func reconnecting(_ renew: @escaping @Sendable (RecoveringConnection) async -> Void) async {
        await drainConnections(within: configuration.closeTimeout)
        await withDiscardingTaskGroup { group in
            for connection in connections {
                group.addTask {
                    await renew(connection)
                    // Not after the other one: a broker that blocks that answers no close.
                    await connection.resume()
                }
            }
        }
    }

    /// Handlers end first, as they may publish; then what was published is waited for.
    private func drain(within timeout: Duration) async {
        let start = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            for consumer in consumers.values { group.addTask { await consumer.end(within: timeout) } }
        }
        await drainConnections(within: max(.zero, timeout - (ContinuousClock.now - start)))
    }

    private func drainConnections(within timeout: Duration) async {
        await withDiscardingTaskGroup { group in
            for connection in connections { group.addTask { await connection.drain(within: timeout) } }
        }
    }
}

#if ServiceLifecycle
extension AMQPClient: Service {}
#else
/// Stands in for ServiceLifecycle's: without it only ``AMQPClient/close(drainingWithin:)`` ends a client in good order.
private func withGracefulShutdownHandler<Value>(
    operation: () async throws -> Value,
    onGracefulShutdown: @Sendable () -> Void
) async rethrows -> Value {
    try await operation()
}
#endif
