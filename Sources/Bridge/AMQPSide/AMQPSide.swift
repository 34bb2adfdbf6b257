import AMQP
import Logging
import NIOCore
import Settings
import Spool

/// The bridge's place at the broker: what it publishes, and what it consumes.
///
/// Its executor is the event loop of its client, on which every callback comes and every channel lives: a batch
/// costs no hop.
actor AMQPSide {
    nonisolated let client: AMQPClient
    nonisolated var eventLoop: any EventLoop { client.eventLoop }
    nonisolated var unownedExecutor: UnownedSerialExecutor { client.unownedExecutor }
    nonisolated let inbox = Inbox<TranslatedBatch>()

    var configuration: BridgeConfiguration
    let journal: Journal
    let board: StatusBoard
    let toAMQP: DirectionMetrics
    let toFedmsg: DirectionMetrics
    let gauges: AMQPGauges
    let rejections: RejectionLog
    let rewrites: RewriteLog
    let clock: any Clocks
    let logger: Logger

    /// Connections that have been open.
    var known: Set<AMQPConnectionRole> = []

    // Publishing.
    var machine = PublishMachine<BrokerMessage>()
    var publishing: AMQPChannel?
    /// Whether the broker has closed the channel for no message's fault, or nacked one after the other, and taken nothing since.
    var isRefused = false
    var pumpTimer: Scheduled<Void>?
    /// Whether the broker blocks publishing for an alarm: it confirms nothing then, and has said why.
    var isBlocked = false
    /// Since when the oldest in flight is the oldest, by the clock's uptime.
    var oldestMovedAt: UInt64 = 0
    /// Whether that is too long ago, and said so.
    var isSilent = false
    var silenceTimer: Scheduled<Void>?
    /// Reloads that named another exchange which is not there yet: nothing goes out.
    var moves = 0

    // Consuming.
    var translator: ToFedmsgTranslator
    let writer: FedmsgWriter
    let forgetFedmsgs: @Sendable (_ epoch: UInt64) async -> Void
    var consumers: [AMQPConsumer] = []
    /// The run of each consumer; one that has ended until nothing of it is sent any more.
    var runs: [ConsumerRun] = []
    var lastEpoch: UInt64 = 0
    var gate: ConsumerGate
    var gateTimer: Scheduled<Void>?
    /// The last change of the gate that consumers follow, one after the other.
    var gateChange: Task<Void, Never>?
    /// Whether consumers have been told to stop for good.
    var isStopping = false
    /// Whether consumers were told to rest.
    var isResting = false
    /// Whether what is decided is acknowledged only once libzmq has sent it, or had its time to.
    var awaitsFlush = false
    /// Dead letters that were sent meanwhile, and stay until then likewise.
    var unflushedRetries: [Int64] = []
    /// Queues that the broker delivers from.
    var running: Set<String> = []
    var duplicates: DuplicateMachine
    /// Dead letters of what can't be bridged, until they are on disk.
    var letters = LettersUnderWay()
    /// The envelope's `i`: a counter of this process.
    var counter: Int64 = 0

    /// - Parameter client: tells ``note(_:)`` of its events.
    init(
        client: AMQPClient,
        configuration: BridgeConfiguration,
        journal: Journal,
        board: StatusBoard,
        toAMQP: DirectionMetrics,
        toFedmsg: DirectionMetrics,
        gauges: AMQPGauges,
        rejections: RejectionLog,
        rewrites: RewriteLog,
        clock: any Clocks,
        logger: Logger,
        writer: FedmsgWriter,
        forgetFedmsgs: @escaping @Sendable (_ epoch: UInt64) async -> Void
    ) {
        self.client = client
        self.configuration = configuration
        self.journal = journal
        self.board = board
        self.toAMQP = toAMQP
        self.toFedmsg = toFedmsg
        self.gauges = gauges
        self.clock = clock
        self.logger = logger
        self.writer = writer
        self.forgetFedmsgs = forgetFedmsgs
        gate = ConsumerGate(now: clock.uptime)
        self.rejections = rejections
        self.rewrites = rewrites
        translator = ToFedmsgTranslator(configuration: configuration)
        duplicates = DuplicateMachine(seconds: configuration.spool.duplicateSeconds)
        // Whoever asks before the first connection is told so.
        for (role, isEnabled) in [
            (AMQPConnectionRole.publishing, configuration.toAMQP.enabled),
            (.consuming, configuration.toFedmsg.enabled),
        ] where isEnabled {
            board.raise(.brokerAway, source: role.rawValue, "not connected yet")
        }
    }

    /// Publishes and consumes, as far as the directions are enabled, until the task is cancelled.
    func run() async {
        do throws(AMQPError) {
            if configuration.toAMQP.enabled { try await startPublishing() }
            if configuration.toFedmsg.enabled { try await startConsuming() }
        } catch {
            // A client with connections for that takes publishers and consumers.
            logger.critical("the broker's client takes no publisher or consumer", metadata: [LogKey.error: "\(error)"])
            return
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.client.run() }
            group.addTask { await self.writer.run() }
        }
    }
}
