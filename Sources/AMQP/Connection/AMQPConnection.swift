import DequeModule
import Logging
public import NIOCore

/// One connection to a broker: one socket, no recovery. Its executor is its event loop.
///
/// Whoever runs on the same event loop, as an actor with that executor, publishes and settles without a hop, by
/// ``AMQPChannel/syncOperations``, and gets its callbacks synchronously.
public actor AMQPConnection {
    /// The loop on which everything of this connection happens.
    public nonisolated let eventLoop: any EventLoop
    /// The executor of ``eventLoop``.
    public nonisolated let unownedExecutor: UnownedSerialExecutor
    /// The broker that it leads to.
    public nonisolated let endpoint: AMQPEndpoint

    let taskExecutor: EventLoopTaskExecutor
    let logger: Logger
    let onEvent: @Sendable (AMQPConnectionEvent) -> Void

    var machine: ConnectionMachine
    var metrics = MessageMetrics()
    var socket: (any Channel)?
    var isSocketClosed = false
    var isReading = false
    var isTurnScheduled = false
    var isHandlingEvents = false
    var tick: Scheduled<Void>?
    var tickTime: Duration = .zero
    var readsPaused = 0

    /// Asks for the next token.
    var tokenRenewal: Task<Void, Never>?

    var nextID: UInt64 = 0
    /// What callers wait for, from the call on: its result may be there before they wait.
    var requests: [UInt64: OneShot<CallResult>] = [:]
    var openWaiter: CheckedContinuation<Result<Void, AMQPError>, Never>?
    var closeWaiters: [UInt64: CheckedContinuation<AMQPError, Never>] = [:]
    var contexts: [UInt16: ChannelContext] = [:]
    /// Whether publishes have to wait, whatever room there is; those of a transaction do not, which has to come to its end.
    var isHeld = false
    /// Those who wait until all publishes are settled and all transactions have ended.
    var settledWaiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    /// Whether any publish was confirmed, or any delivery settled, or handed over that needs no settlement.
    var wasOfUse = false
    /// Channels with deliveries or settlements that wait for the end of the read.
    var changedContexts: [ChannelContext] = []

    init(
        endpoint: AMQPEndpoint,
        configuration: AMQPConfiguration,
        eventLoop: any EventLoop,
        deadline: Duration?,
        tokenRenewal: TokenRenewal? = nil,
        logger: Logger,
        onEvent: @escaping @Sendable (AMQPConnectionEvent) -> Void
    ) {
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        self.unownedExecutor = eventLoop.executor.asUnownedSerialExecutor()
        taskExecutor = EventLoopTaskExecutor(eventLoop)
        self.logger = logger
        self.onEvent = onEvent
        machine = ConnectionMachine(configuration: configuration, endpoint: endpoint, deadline: deadline)
        machine.tokenRenewal = tokenRenewal
    }

    /// Whether the broker takes no publishes for now.
    public var isBlocked: Bool { machine.isBlocked }

    /// Why the connection is over; nil while it is not.
    public var failure: AMQPError? { machine.state == .closed ? machine.closedError : nil }

    /// Closes the connection in good order and waits for the broker's answer, or until the configured time for it is
    /// over. What was published and not confirmed ends as unknown: wait for it before.
    public func close() async {
        machine.close(now: now)
        // Its answer may be behind deliveries for which there was no room, and which go back now.
        try? socket?.syncOptions?.setOption(.autoRead, value: true)
        _ = await closed(newID())
    }

    /// Waits for the end of the connection.
    ///
    /// - Returns: why it ended; `cancelled` where the task was, and the connection goes on.
    public func closed() async -> AMQPError {
        let id = newID()
        return await withTaskCancellationHandler {
            await closed(id)
        } onCancel: {
            eventLoop.execute {
                self.assumeIsolated { connection in
                    let error = AMQPError(
                        .cancelled,
                        "the task that waited for the end of the connection was cancelled"
                    )
                    connection.closeWaiters.removeValue(forKey: id)?.resume(returning: error)
                }
            }
        }
    }

    private func closed(_ id: UInt64) async -> AMQPError {
        changed()
        guard !isSocketClosed || machine.state != .closed else { return machine.closedError }
        return await withCheckedContinuation { closeWaiters[id] = $0 }
    }

    static var now: Duration {
        // Not .nanoseconds(_:), which is generic, and is called several times a message.
        let (seconds, nanoseconds) = NIODeadline.now().uptimeNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Duration(secondsComponent: Int64(seconds), attosecondsComponent: Int64(nanoseconds) * 1_000_000_000)
    }
    var now: Duration { Self.now }

    func newID() -> UInt64 {
        nextID += 1
        return nextID
    }
}
