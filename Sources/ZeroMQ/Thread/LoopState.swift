/// What a ``ZeroMQThread`` shares with those who enqueue to it, under its lock.
///
/// Whatever holds a closure is returned when it is taken out: what the closure holds may take the lock as it goes.
struct LoopState: ~Copyable {
    /// A socket that the loop polls, in the order of opening.
    struct Registration: Sendable {
        let id: UInt64
        let handle: SocketHandle
        /// Nil: what arrives is left in the socket.
        var onReadable: (@Sendable () -> Void)?
    }

    enum Phase {
        case running
        case stopping
        /// Jobs that still come are run elsewhere, one thread at a time.
        case stopped(isDraining: Bool)
    }

    private(set) var phase = Phase.running
    private(set) var timers = TimerQueue()
    private(set) var sockets: [Registration] = []
    private(set) var lastTurn = SuspendingClock.now
    private var jobs: [UnownedJob] = []
    private var hasChangedSockets = true
    private var isWaiting = false
    private var lastID: UInt64 = 0

    var isStopped: Bool {
        if case .stopped = phase { true } else { false }
    }

    // MARK: From any thread

    /// What whoever enqueued a job has to do, once the lock is released.
    enum Enqueued {
        case nothing
        case wakeUp
        case startDraining
    }

    mutating func enqueue(_ job: UnownedJob) -> Enqueued {
        jobs.append(job)
        switch phase {
        case .running, .stopping:
            return takeWaiting() ? .wakeUp : .nothing
        case .stopped(isDraining: true):
            return .nothing
        case .stopped(isDraining: false):
            phase = .stopped(isDraining: true)
            return .startDraining
        }
    }

    /// Nothing once stopped: there is nobody to call it.
    ///
    /// - Returns: whether the loop has to be woken.
    mutating func schedule(at due: SuspendingClock.Instant, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard !isStopped else { return false }
        timers.schedule(at: due, body)
        return takeWaiting()
    }

    /// - Returns: whether the loop has to be woken.
    mutating func stop() -> Bool {
        if case .running = phase { phase = .stopping }
        return takeWaiting()
    }

    /// One wake-up is enough for however many enqueue while the loop is on its way.
    private mutating func takeWaiting() -> Bool {
        defer { isWaiting = false }
        return isWaiting
    }

    // MARK: From the loop's thread

    /// Begins a turn: moves what is enqueued into `taken`, which is empty, so that both arrays keep their room.
    ///
    /// - Returns: whether it is the last one.
    mutating func beginTurn(jobs taken: inout [UnownedJob]) -> Bool {
        lastTurn = .now
        isWaiting = false
        swap(&jobs, &taken)
        if case .stopping = phase { return true }
        return false
    }

    /// The sockets to poll, when they are not those of the last turn.
    mutating func takeChangedSockets() -> [Registration]? {
        defer { hasChangedSockets = false }
        return hasChangedSockets ? sockets : nil
    }

    mutating func popDueTimer(at now: SuspendingClock.Instant) -> (@Sendable () -> Void)? {
        timers.popDue(at: now)
    }

    /// How long `zmq_poll` may wait: not at all while there is work, at most until the next timer.
    mutating func beginWaiting(atMost longest: Duration) -> Duration {
        guard jobs.isEmpty, case .running = phase else { return .zero }
        let wait = timers.next.map { max(.zero, min($0 - .now, longest)) } ?? longest
        isWaiting = wait > .zero
        return wait
    }

    /// Nil once stopped: there is nobody to poll or close it.
    mutating func register(_ handle: SocketHandle) -> UInt64? {
        guard !isStopped else { return nil }
        lastID += 1
        sockets.append(Registration(id: lastID, handle: handle, onReadable: nil))
        hasChangedSockets = true
        return lastID
    }

    mutating func setOnReadable(_ id: UInt64, _ body: (@Sendable () -> Void)?) -> (@Sendable () -> Void)? {
        guard let index = sockets.firstIndex(where: { $0.id == id }) else { return body }
        hasChangedSockets = true
        defer { sockets[index].onReadable = body }
        return sockets[index].onReadable
    }

    /// Nil where an earlier callback of the same turn closed or paused the socket.
    func onReadable(_ id: UInt64) -> (@Sendable () -> Void)? {
        sockets.first { $0.id == id }?.onReadable
    }

    mutating func unregister(_ id: UInt64) -> Registration? {
        guard let index = sockets.firstIndex(where: { $0.id == id }) else { return nil }
        hasChangedSockets = true
        return sockets.remove(at: index)
    }

    /// Takes what is to be closed, in the order of opening: a monitor is closed after what it watches.
    mutating func removeSockets() -> [Registration] {
        defer { sockets = [] }
        hasChangedSockets = true
        return sockets
    }

    // MARK: The end

    /// The loop runs no more.
    ///
    /// - Returns: whether jobs are left, which somebody has to drain, and the timers that are dropped.
    mutating func end() -> (mustDrain: Bool, timers: TimerQueue) {
        phase = .stopped(isDraining: !jobs.isEmpty)
        defer { timers = TimerQueue() }
        return (!jobs.isEmpty, timers)
    }

    /// Moves what is enqueued into `taken`, which is empty; once nothing is, draining is over.
    mutating func drain(into taken: inout [UnownedJob]) -> Bool {
        guard !jobs.isEmpty else {
            phase = .stopped(isDraining: false)
            return false
        }
        swap(&jobs, &taken)
        return true
    }
}
