import AMQP
import Logging
import NIOCore
import Settings
import Spool

/// The bridge's place at the broker: one connection to publish on, one to consume on.
///
/// RabbitMQ stops reading a connection whose publishes it blocks, while acknowledgements and consuming
/// must go on; so there are two. Both live on one event loop, which is this actor's executor: a batch
/// costs no hop.
actor AMQPSide {
    nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }
    nonisolated let inbox = Inbox<TranslatedBatch>()

    let configuration: BridgeConfiguration
    let amqp: AMQPConfiguration
    let journal: Journal
    let board: StatusBoard
    let toAMQP: DirectionMetrics
    let toFedmsg: DirectionMetrics
    let gauges: AMQPGauges
    let rejections: RejectionLog
    let clock: any Clocks
    let logger: Logger

    // Publishing.
    var machine = PublishMachine<BrokerMessage>()
    var publishing: AMQPChannel?
    var pumpTimer: Scheduled<Void>?

    // Consuming.
    var isStopping = false
    let translator: ToFedmsgTranslator
    let writer: FedmsgWriter
    let forgetFedmsgs: @Sendable () async -> Void
    var consuming: AMQPChannel?
    /// Counts channels, since tags count anew on each.
    var epoch: UInt64 = 0
    var mark = DeliveryMark()
    var duplicates: DuplicateWindow
    /// What is on its way to libzmq: known as a duplicate's first only if it gets there.
    var pending: [MessageDigest: Int] = [:]
    /// The envelope's `i`: a counter of this process.
    var counter: Int64 = 0

    init(
        eventLoop: any EventLoop,
        configuration: BridgeConfiguration,
        amqp: AMQPConfiguration,
        journal: Journal,
        board: StatusBoard,
        toAMQP: DirectionMetrics,
        toFedmsg: DirectionMetrics,
        gauges: AMQPGauges,
        clock: any Clocks,
        logger: Logger,
        writer: FedmsgWriter,
        forgetFedmsgs: @escaping @Sendable () async -> Void
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.amqp = amqp
        self.journal = journal
        self.board = board
        self.toAMQP = toAMQP
        self.toFedmsg = toFedmsg
        self.gauges = gauges
        self.clock = clock
        self.logger = logger
        self.writer = writer
        self.forgetFedmsgs = forgetFedmsgs
        rejections = RejectionLog(clock: clock, logger: logger)
        translator = ToFedmsgTranslator(configuration: configuration)
        duplicates = DuplicateWindow(seconds: Int(configuration.spool.duplicateWindow.components.seconds))
    }

    /// Keeps the connections of the directions that are enabled open, until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            if configuration.toAMQP.enabled {
                group.addTask { await self.keepConnected(.publishing) }
            }
            if configuration.toFedmsg.enabled {
                group.addTask { await self.keepConnected(.consuming) }
                group.addTask { await self.writer.run() }
            }
            await group.waitForAll()
        }
    }
}
