internal import Synchronization

/// A thread that owns ZeroMQ sockets and is the executor of the actors that use them.
///
/// libzmq forbids two threads to share a socket. An actor whose executor is this thread keeps its sockets as plain
/// properties, and what its sockets have to say is called synchronously, on the thread, between its jobs:
///
/// ```swift
/// actor Listener {
///     let thread: ZeroMQThread
///     nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
///     var socket: ZeroMQSocket?
///
///     func start(at endpoint: String) throws {
///         let socket = try ZeroMQSocket(.sub, on: thread)
///         try socket.connect(endpoint)
///         socket.onReadable { [weak self] in self?.assumeIsolated { $0.drain() } }
///         self.socket = socket
///     }
/// }
/// ```
///
/// Each turn of its loop runs the jobs that were enqueued when it began, then the timers that are due, then one callback
/// for each readable socket: none of the three can starve the others, as long as a callback takes a bounded batch.
///
/// It runs, and keeps itself alive, until ``stop()``.
public final class ZeroMQThread: Sendable {
    /// The context of the sockets that it owns, unless they are opened in another one.
    public let context: ZeroMQContext
    /// The name that the system's tools show, cut after 15 bytes.
    public let name: String

    let state = Mutex(LoopState())
    let wakeUp: WakeUp
    /// The system's thread that runs jobs at this moment, 0 when none does.
    let owner = Atomic<UInt>(0)
    let ended = OneShot<Void>()
    private let thread = Mutex<PlatformThread?>(nil)

    /// Starts the thread.
    ///
    /// - Throws: ``ZeroMQError`` when the system has no thread or no descriptor left.
    public init(context: ZeroMQContext, name: String = "zeromq") throws(ZeroMQError) {
        self.context = context
        self.name = name
        wakeUp = try WakeUp()
        let thread = try PlatformThread.start(name: name) { self.run() }
        self.thread.withLock { $0 = thread }
    }

    /// Ends the loop and waits until the thread has ended: runs what was enqueued, drops the timers, closes each socket
    /// that is open (what it has to send is sent within its linger). May be called again, and by the thread's own actors.
    ///
    /// Jobs that are enqueued later still run, on a cooperative thread and one at a time, so that no actor hangs; its
    /// sockets answer ``ZeroMQError/Code/closed`` then.
    public func stop() async {
        if state.withLock({ $0.stop() }) { wakeUp.signal() }
        await ended.value
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.join()
    }

    /// When the loop last began a turn. One that works turns at least every five seconds.
    var lastTurn: SuspendingClock.Instant {
        state.withLock { $0.lastTurn }
    }

    /// Whether the loop runs and began a turn within `limit`.
    public func isHealthy(within limit: Duration) -> Bool {
        state.withLock { !$0.isStopped && $0.lastTurn.duration(to: .now) < limit }
    }

    /// Whether the caller runs on this thread.
    public var isCurrent: Bool {
        owner.load(ordering: .acquiring) == PlatformThread.current
    }
}
