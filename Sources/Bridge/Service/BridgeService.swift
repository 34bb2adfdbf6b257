import AMQP
import Fedmsg
import Foundation
public import Logging
public import Metrics
import NIOCore
import NIOPosix
public import ServiceLifecycle
public import Settings
public import Spool
import Synchronization
import ZeroMQ

/// The bridge: both sides, what is between them, and the order in which they begin and end.
public final class BridgeService: Service {
    /// What it says of itself.
    public let board: StatusBoard

    private let configuration: BridgeConfiguration
    private let clock = SystemClocks()
    private let logger: Logger

    private let thread: ZeroMQThread
    private let context: ZeroMQContext
    private let group: MultiThreadedEventLoopGroup
    let journal: Journal
    private let spoolGauges: SpoolGauges
    private let spoolWatch: SpoolWatch
    private let holdWatch: HoldWatch
    private let readinessGauges: ReadinessGauges
    let fedmsgSide: FedmsgSide
    let amqpSide: AMQPSide
    let pipeline: ToAMQPPipeline
    let writer: FedmsgWriter
    let certificates: CertificateWatch
    /// What is in force, after reloads.
    let current: Mutex<BridgeConfiguration>
    private let opened: @Sendable () -> Void
    private let replayCommand: String
    /// Logs what was held back for a minute, as of a time; all of it without one.
    private let logHeldBack: @Sendable (_ now: UInt64?) -> Void
    private let loops = LoopWatch()
    private let isEnding = Atomic(false)

    /// Prepares a bridge; nothing is received or sent before it runs.
    ///
    /// - Parameters:
    ///   - replayCommand: how a replay with the same configuration is begun, for an operator.
    ///   - opened: called once the spool and the sockets are open, broker or not.
    /// - Throws: `AMQPError` for a broker's URL or files that can't be used, `SpoolError`, `ZeroMQError`.
    public init(
        configuration: BridgeConfiguration,
        board: StatusBoard,
        factory: any MetricsFactory,
        logger: Logger,
        replayCommand: String = "fedmsg-bridge replay",
        opened: @escaping @Sendable () -> Void = {}
    ) async throws {
        self.configuration = configuration
        current = Mutex(configuration)
        self.opened = opened
        self.replayCommand = replayCommand
        self.board = board
        self.logger = logger
        let amqp = try AMQPConfiguration(configuration)
        try await amqp.checkFiles()
        let (verifier, signer) = (try Self.verifier(configuration), try Self.signer(configuration))
        let toAMQP = DirectionMetrics(direction: .toAMQP, board: board, factory: factory)
        let toFedmsg = DirectionMetrics(direction: .toFedmsg, board: board, factory: factory)
        board.update(.toAMQP) { $0.enabled = configuration.toAMQP.enabled }
        board.update(.toFedmsg) { $0.enabled = configuration.toFedmsg.enabled }
        spoolGauges = SpoolGauges(factory: factory)
        readinessGauges = ReadinessGauges(factory: factory)
        let observer = SpoolObserver(
            toAMQP: toAMQP,
            toFedmsg: toFedmsg,
            gauges: spoolGauges,
            clock: clock,
            logger: logger
        )
        let journal = try await Journal.open(JournalConfiguration(configuration.spool), observer: observer)
        self.journal = journal
        spoolWatch = SpoolWatch(
            path: configuration.spool.path,
            journal: journal,
            board: board,
            clock: clock,
            logger: logger
        )
        context = try ZeroMQContext()
        thread = try ZeroMQThread(context: context, name: "fedmsg")
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

        let rejections = RejectionLog(clock: clock, logger: logger)
        let rewrites = RewriteLog(clock: clock, logger: logger)
        logHeldBack = { now in
            observer.logOverdue(now: now)
            rejections.logOverdue(now: now)
            rewrites.logOverdue(now: now)
        }
        let link = SideLink()
        let fedmsgSide = FedmsgSide(
            thread: thread,
            configuration: configuration,
            handlers: .init(
                received: { journal.append($0) },
                lost: { observer.journal(.dropped(messages: 1)) },
                taken: { link.amqpSide?.taken($0) },
                sendability: { isSendable in
                    link.isSendable.store(isSendable, ordering: .relaxed)
                    link.amqpSide?.setSendable(isSendable)
                }
            ),
            board: board,
            gauges: FedmsgGauges(factory: factory),
            clock: clock,
            logger: logger,
            receivingContext: try ZeroMQContext(connectingTo: configuration.toAMQP.zmqEndpoints)
        )
        let client = try AMQPClient(
            configuration: amqp,
            publishing: configuration.toAMQP.enabled ? AMQPTopology(publishing: configuration) : nil,
            consuming: configuration.toFedmsg.enabled ? AMQPTopology(consuming: configuration) : nil,
            eventLoop: group.next(),
            logger: logger,
            onEvent: { link.amqpSide?.note($0) }
        )
        let writer = FedmsgWriter(signer: signer, board: board, logger: logger) { fedmsgSide.send($0) }
        let amqpSide = AMQPSide(
            client: client,
            configuration: configuration,
            journal: journal,
            board: board,
            toAMQP: toAMQP,
            toFedmsg: toFedmsg,
            gauges: AMQPGauges(factory: factory),
            rejections: rejections,
            rewrites: rewrites,
            clock: clock,
            logger: logger,
            writer: writer,
            forgetFedmsgs: { epoch in
                writer.forget(epoch)
                await fedmsgSide.forgetOutbox(of: epoch)
            }
        )
        link.connect(amqpSide)
        let holdWatch = HoldWatch(path: configuration.spool.path, board: board, logger: logger) { amqpSide.setHeld($0) }
        self.holdWatch = holdWatch
        pipeline = ToAMQPPipeline(
            configuration: configuration,
            verifier: verifier,
            journal: journal,
            metrics: toAMQP,
            rejections: rejections,
            rewrites: rewrites,
            board: board,
            clock: clock,
            publish: { amqpSide.publish($0) },
            isFedmsgOpen: { link.isSendable.load(ordering: .relaxed) && !holdWatch.isHeld },
            retryToFedmsg: { amqpSide.retry($0) }
        )
        certificates = CertificateWatch(
            .init(verifier: verifier, signer: signer, amqp: amqp),
            board: board,
            factory: factory,
            clock: clock,
            logger: logger,
            reconnect: { try await amqpSide.reconnect(with: $0) }
        )
        self.fedmsgSide = fedmsgSide
        self.amqpSide = amqpSide
        self.writer = writer
        loops.watch("fedmsg") { [thread] in thread.isHealthy(within: $0) }
        loops.watch("amqp", group.next())
        loops.watch("journal") { journal.isTurning(within: $0) }
    }

    /// Bridges until the service group shuts down; then stops receiving, empties what it can within
    /// `drain_timeout`, and leaves the rest in the journal.
    ///
    /// - Throws: `ZeroMQError` where an endpoint can't be used.
    public func run() async throws {
        await journal.start(sink: pipeline)
        logTimeAway()
        try await fedmsgSide.open()
        if configuration.toAMQP.enabled { journal.setListening(true) }
        opened()
        logger.info(
            "running",
            metadata: ["to_amqp": "\(configuration.toAMQP.enabled)", "to_fedmsg": "\(configuration.toFedmsg.enabled)"]
        )
        let sides = await startSides()
        let isShutdown = await Self.untilShutdown()
        // Where another service has failed, this one only makes way: what waits is on disk, and the exit says what is wrong.
        await stop(drainingWithin: isShutdown ? configuration.spool.drainTimeout : .zero)
        let left = await end(sides)
        let lost = journal.status.unjournalledMessages
        if lost > 0 { logger.error("messages lost: the disk did not take them", metadata: [LogKey.count: "\(lost)"]) }
        logger.info("stopped", metadata: [LogKey.leftInSpool: "\(left)"])
    }

    /// Publishes what waits in the spool and receives nothing new: until nothing is left, nothing has moved for
    /// `drain_timeout`, the bridge is held, or the task is cancelled.
    ///
    /// - Returns: how many messages stay in the spool.
    public func drain() async -> Int {
        await journal.start(sink: pipeline)
        let sides = await startSides()
        let limit = max(configuration.spool.drainTimeout, .seconds(1)).nanoseconds
        var settled = 0
        var movedAt = clock.uptime
        while !Task.isCancelled, !holdWatch.isHeld, journal.status.messages > 0, clock.uptime - movedAt < limit {
            if journal.status.settled != settled {
                settled = journal.status.settled
                movedAt = clock.uptime
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return await end(sides)
    }

    /// Ends the process without waiting for anything, as a kill would, but says what that leaves.
    ///
    /// - Parameter end: called last.
    public func abandon(_ end: () -> Void = {}) -> Never {
        logHeldBack(nil)
        let status = journal.status
        logger.warning(
            "stopped at once",
            metadata: [LogKey.leftInSpool: "\(status.messagesOnDisk)", "lost": "\(status.unjournalledMessages)"]
        )
        end()
        _exit(EXIT_SUCCESS)
    }

    private func startSides() async -> Task<Void, Never> {
        await holdWatch.look()
        // Detached from the service group: its graceful shutdown would reach the broker's client, a service itself, which
        // would close before the spool is drained.
        return Task.detached {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.amqpSide.run() }
                group.addTask { await self.pipeline.run() }
                group.addTask { await self.certificates.run() }
                group.addTask { await self.spoolWatch.run() }
                group.addTask { await self.holdWatch.run() }
                group.addTask {
                    while (try? await Task.sleep(for: .seconds(1))) != nil { self.logHeldBack(self.clock.uptime) }
                }
            }
        }
    }

    /// Closes everything, the journal last.
    ///
    /// - Returns: how many messages stay in the spool.
    private func end(_ sides: Task<Void, Never>) async -> Int {
        isEnding.store(true, ordering: .relaxed)
        sides.cancel()
        await sides.value
        await flush()
        await journal.close()
        try? await group.shutdownGracefully()
        logHeldBack(nil)
        return journal.status.messagesOnDisk
    }

    /// Closes the sockets, and waits until libzmq has sent what it took, within `zmq_linger`.
    ///
    /// - Returns: whether all of it was sent.
    @discardableResult
    private func flush() async -> Bool {
        let linger = configuration.toFedmsg.zmqLinger
        // Before libzmq begins to count, which it does in whole milliseconds.
        let begun = clock.uptime
        await fedmsgSide.close()
        await thread.stop()
        let hasEnded = try? await context.terminate(within: .milliseconds(linger + 500))
        // libzmq does not say whether it gave up; it does not do so before the time is over.
        return hasEnded == true && clock.uptime - begun + 1_000_000 < Duration.milliseconds(linger).nanoseconds
    }

    /// For how long nobody listened before this start, and how to make up for it.
    private func logTimeAway() {
        let (received, listened) = (journal.lastReceivedBefore, journal.lastListenedBefore)
        guard configuration.toAMQP.enabled,
            let time = TimeAway(received: received, listened: listened, now: clock.now)
        else { return }
        let loops = LoopCheck(configuration: configuration)
        logger.notice(
            "nobody listened for a while: what fedmsg carried then can be fetched from its archive and replayed",
            metadata: [
                LogKey.seconds: "\(time.until - time.from)",
                "command": "\(time.command(leavingOut: loops, replay: replayCommand))",
            ]
        )
    }

    /// Checks the signatures of what comes from fedmsg; nil where they are not checked.
    ///
    /// - Throws: `CredentialsError` with the file and the cause.
    static func verifier(_ configuration: BridgeConfiguration) throws(CredentialsError) -> SignatureVerifier? {
        guard configuration.crypto.validateSignatures, configuration.toAMQP.enabled else { return nil }
        return try SignatureVerifier(configuration.crypto)
    }

    /// Signs what goes to fedmsg; nil where nothing is signed.
    ///
    /// - Throws: as ``verifier(_:)``.
    static func signer(_ configuration: BridgeConfiguration) throws(CredentialsError) -> MessageSigner? {
        let crypto = configuration.crypto
        guard crypto.signMessages, configuration.toFedmsg.enabled else { return nil }
        return try MessageSigner(folder: crypto.ssldir, certname: crypto.certname)
    }

    /// The loops that have not turned for 60 s though they wait for nothing outside the process.
    public var stalledLoops: [String] {
        // A loop that has ended turns no more, and a stop has a limit of its own.
        isEnding.load(ordering: .relaxed) ? [] : loops.stalled
    }

    /// Whether every loop turns that waits for nothing outside the process.
    public var isLive: Bool { stalledLoops.isEmpty }

    /// Brings the gauges up to date.
    public func refreshGauges() {
        spoolGauges.update(journal.status)
        readinessGauges.update(board.snapshot())
    }

    /// What the spool holds now. Never waits for the disk.
    public var spoolStatus: SpoolStatus { journal.status }

    /// - Returns: whether it is a shutdown; the other cause is that the task was cancelled.
    private static func untilShutdown() async -> Bool {
        let (stream, end) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationOrGracefulShutdownHandler {
            for await _ in stream {}
        } onCancelOrGracefulShutdown: {
            end.finish()
        }
        return !Task.isCancelled
    }

    /// Nothing new is taken; what is in hand goes on within `timeout`, unless the bridge is held: then nothing would.
    /// What goes to fedmsg by then is acknowledged last, once libzmq has sent it.
    private func stop(drainingWithin timeout: Duration) async {
        isEnding.store(true, ordering: .relaxed)
        await amqpSide.awaitFlush()
        logger.info("stopping")
        await fedmsgSide.stopReceiving()
        if configuration.toAMQP.enabled { journal.setListening(false) }
        let deadline = clock.uptime + timeout.nanoseconds
        // Cut short below, once all is acknowledged that will be.
        let consumersEnd = Task { await amqpSide.stopConsuming(within: .seconds(86_400)) }
        while clock.uptime < deadline, !holdWatch.isHeld {
            let status = journal.status
            let hasDeliveries = await amqpSide.hasDeliveries
            if status.messages + status.unjournalledMessages == 0, !hasDeliveries { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        if configuration.toFedmsg.enabled {
            logger.info("waiting for libzmq to send what it holds")
            let isSent = await flush()
            if !isSent { logger.warning("libzmq could not send everything within zmq_linger") }
            // One subscriber of many that is slow has had its chance; a relay is the only one who gets them at all.
            await amqpSide.flushed(acknowledging: isSent || !configuration.toFedmsg.remotePublish)
        }
        consumersEnd.cancel()
        await consumersEnd.value
    }
}

extension JournalConfiguration {
    init(_ spool: BridgeConfiguration.Spool) {
        self.init(path: spool.path)
        maxBytes = spool.maxBytes
        minFreeBytes = spool.minFreeBytes
        maxMemory = spool.maxMemory
        synchronous = spool.synchronous == .full ? .full : .normal
        deadLetterMax = spool.deadLetterMax
        duplicateWindow = spool.duplicateSeconds
    }
}
