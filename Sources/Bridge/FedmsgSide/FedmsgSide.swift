import DequeModule
import Logging
import NIOCore
import Settings
import Spool
import ZeroMQ

/// The bridge's place on the fedmsg bus: one SUB socket to receive on, one PUB socket to send on.
///
/// libzmq forbids two threads to share a socket, so both belong to this actor, whose executor is the
/// ZeroMQ thread. Neither receiving nor sending ever waits there.
actor FedmsgSide {
    /// What the side tells others. Called on the ZeroMQ thread: take the values and return.
    struct Handlers: Sendable {
        /// Messages that arrived together.
        var received: @Sendable (ReceivedBatch) -> Void
        /// A message that arrived and is larger than a batch may be: it is lost.
        var lost: @Sendable () -> Void
        /// Messages that libzmq has taken, in the order in which they were handed over.
        var taken: @Sendable ([Taken]) -> Void
        /// Whether messages can leave now: bound, or a relay or a subscriber is there where one is required.
        var sendability: @Sendable (Bool) -> Void
    }

    /// A message that libzmq has taken.
    struct Taken: Sendable {
        let message: OutgoingFedmsg
        /// Microseconds since 1970.
        let at: Int64
    }

    nonisolated let thread: ZeroMQThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    nonisolated let inbox = Inbox<OutgoingFedmsg>()

    var configuration: BridgeConfiguration
    let handlers: Handlers
    let board: StatusBoard
    let gauges: FedmsgGauges
    let logger: Logger
    let clock: any Clocks
    /// Of the subscriber, where that is not the thread's: a stop waits for what the publisher still has to send, and not for a name
    /// server.
    let receivingContext: ZeroMQContext?
    /// From one receipt to the next, where they come in quick succession and bring little.
    let receiveInterval: Duration

    // Receiving.
    var subscriber: ZeroMQSocket?
    var publishers = ZeroMQPeers()
    /// Endpoints as libzmq has them, by the configured ones.
    var endpoints: [String: String] = [:]
    var awaySince: [String: UInt64] = [:]
    /// Of endpoints that are connected, and those of which a line is held back.
    var connectedLog = LogThrottle<String>()
    var loggingSoon: Set<String> = []
    var lastBatchBytes = 0
    var lastReceipt: UInt64?
    /// Whether it is about to, either socket to what libzmq has given up.
    var isReconnecting = false

    // Sending.
    var publisher: ZeroMQSocket?
    var subscribers = ZeroMQPeers()
    /// Connections that a subscription came by.
    var subscribedBy: Set<Int32> = []
    /// Subscriptions of which libzmq does not say by which connection they came; with `remote_publish`, of prefixes.
    var subscriptions = 0
    var outbox: Deque<OutgoingFedmsg> = []
    /// What libzmq has taken and nobody was told of.
    var taken: [Taken] = []
    var isTellingSoon = false
    var slowSubscribers: SlowSubscriberMachine
    /// When one was left behind last.
    var leftBehindAt: UInt64?
    var isBound = false
    var isSettled = false
    var isRetrying = false
    var wasSendable = false

    init(
        thread: ZeroMQThread,
        configuration: BridgeConfiguration,
        handlers: Handlers,
        board: StatusBoard,
        gauges: FedmsgGauges,
        clock: any Clocks,
        logger: Logger,
        receivingContext: ZeroMQContext? = nil,
        receiveInterval: Duration = .milliseconds(1)
    ) {
        self.thread = thread
        self.configuration = configuration
        self.handlers = handlers
        self.board = board
        self.gauges = gauges
        self.clock = clock
        self.logger = logger
        self.receivingContext = receivingContext
        self.receiveInterval = receiveInterval
        slowSubscribers = SlowSubscriberMachine(grace: configuration.toFedmsg.slowSubscriberGrace.nanoseconds)
    }

    /// Opens the sockets of the directions that are enabled.
    ///
    /// - Throws: `ZeroMQError` where an endpoint can't be used at all; one that is in use is waited for.
    func open() throws(ZeroMQError) {
        if configuration.toFedmsg.enabled { try openPublisher() }
        if configuration.toAMQP.enabled { try openSubscriber() }
    }

    /// Stops receiving; what is handed over for sending still goes out.
    func stopReceiving() {
        takeAllReceived()
        logHeldConnections(now: nil)
        subscriber?.close()
        subscriber = nil
    }

    /// Closes the sockets; what libzmq has taken is sent within `zmq_linger`.
    func close() {
        stopReceiving()
        tellTaken()
        publisher?.close()
        publisher = nil
    }

    /// Why an endpoint can't be bound, and what to do.
    static func inUse(_ error: ZeroMQError) -> String {
        let remedy =
            switch error.code {
            case .addressInUse: "stop the program that has it (ss -ltnp), or choose another endpoint"
            case .addressNotAvailable, .noSuchInterface: "choose an address of this machine, or * for all"
            default: "choose another endpoint"
            }
        return "\(error): \(remedy); it is tried again every second"
    }
}
