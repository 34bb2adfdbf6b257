import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// The messages that were received from fedmsg and are not yet settled, on disk; with the dead letters of both
/// directions and the duplicate window.
///
/// It has a thread of its own, on which alone SQLite is used. Every method that gives it something is one-way: it
/// returns at once, whatever the disk does. What arrived during one commit goes into the next together.
public actor Journal {
    /// That of the journal's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// The journal's thread.
    nonisolated let eventLoop: any EventLoop
    nonisolated let inbox: JournalInbox
    nonisolated let observer: any JournalObserver
    nonisolated let configuration: JournalConfiguration
    private nonisolated let group: MultiThreadedEventLoopGroup
    /// When the newest message of earlier runs was received, in microseconds since 1970: later than now after a
    /// clock that was ahead. Nil in a new spool.
    public nonisolated let lastReceivedBefore: Int64?
    /// When an earlier run last listened, as far as that is known (``setListening(_:)``), in microseconds since 1970.
    public nonisolated let lastListenedBefore: Int64?
    private nonisolated let duplicatesFound: Mutex<DuplicateWindow>

    /// All that it does may have to wait for the disk: used through ``onDisk(_:)``, but for what is in memory.
    private let store: JournalStore
    var machine: JournalMachine
    var sink: (any JournalSink)?

    /// Whether settlements are written without a batch to ride with.
    var isFlushDue = false
    var flushTimer: Scheduled<Void>?
    var probeTimer: Scheduled<Void>?
    var probeDelay = TimeAmount.zero
    /// Whether the database has to be opened anew, or replaced, before it is written again.
    var repair: Repair?
    var replacedAt: ContinuousClock.Instant?
    /// Who waits for a dead letter to be kept, by ticket.
    var waiting: [UInt64: @Sendable () -> Void] = [:]
    var lastTicket: UInt64 = 0
    /// Letters to fedmsg that the sink was given and has not answered.
    var retrying: Set<Int64> = []
    /// Those of a database that was replaced: the new one gives the same ids.
    var orphaned: Set<Int64> = []
    /// Whether letters to be tried again were left for later.
    var hasRetries = false
    /// Whether messages may come, and when that was last noted for the next start.
    var isListening = false
    var notedAt = ContinuousClock.now
    var refusedSince: Int64?
    /// Whether somebody removed, moved or replaced the database's file, as of the last look.
    var isFileGone = false
    var isClosed = false

    /// What a connection needs after an error.
    enum Repair {
        case reopen
        case replace(cause: String)
        /// The corrupt one is set aside, and the new one is yet to be made.
        case beginAnew(aside: String?, cause: String)
    }

    /// Whether there is a database that rows can perhaps be read from.
    var isReadable: Bool {
        switch repair {
        case nil, .reopen: true
        case .replace, .beginAnew: false
        }
    }

    /// Opens the spool, makes it where it is missing, and locks it until ``close()``.
    ///
    /// A corrupt one is set aside, of which the observer is told. Nothing is handed over before ``start(sink:)``.
    ///
    /// - Throws: ``SpoolError``: `locked`, `newerFormat`, `notASpool`, `cannotOpen`.
    @concurrent public static func open(
        _ configuration: JournalConfiguration,
        observer: any JournalObserver
    ) async throws(SpoolError) -> Journal {
        let store = try JournalStore(configuration, clock: now) { path, cause in
            observer.journal(.setAside(path: path, messages: 0, cause: cause))
        }
        return Journal(store, observer: observer)
    }

    init(_ store: sending JournalStore, observer: any JournalObserver) {
        configuration = store.configuration
        var machine = JournalMachine(
            limits: .init(
                windowMessages: configuration.windowMessages,
                windowBytes: configuration.windowBytes,
                transactionBytes: store.budget.transactionBytes,
                recentBytes: configuration.recentBytes,
                letterBytes: configuration.maxMemory / 2
            )
        )
        let found = store.takeFound()
        machine.recover(
            rows: found.rows,
            mark: found.mark,
            messages: found.messages,
            bytes: found.bytes,
            since: found.oldestAt
        )
        machine.counts.newestReceivedAt = found.newestAt
        var duplicates = DuplicateWindow(seconds: configuration.duplicateWindow)
        for entry in found.duplicates { duplicates.insert(entry.digest, at: entry.receivedAt) }
        duplicatesFound = Mutex(duplicates)
        lastReceivedBefore = found.newestWritten
        lastListenedBefore = store.notedBefore
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        eventLoop = group.next()
        inbox = JournalInbox(maxMemory: configuration.maxMemory, status: Self.status(machine, store, since: nil))
        self.machine = machine
        self.store = store
        self.observer = observer
    }

    /// The duplicate window of the direction to AMQP as it was left; the journal keeps it until ``start(sink:)``.
    public nonisolated var duplicates: DuplicateWindow { duplicatesFound.withLock { $0 } }

    /// What the spool holds. Never waits for the disk.
    public nonisolated var status: SpoolStatus { inbox.status }

    /// For how long the disk operation in progress has been going on; nil when there is none. Never waits for the disk.
    public nonisolated var diskBusyFor: Duration? { inbox.busyFor }

    /// Whether the journal's thread ran within `limit`, or waits for the disk. Once started it runs every second.
    public nonisolated func isTurning(within limit: Duration) -> Bool { inbox.isTurning(within: limit) }

    /// Begins to hand over: first what was found in the spool, then what is new.
    public func start(sink: any JournalSink) {
        self.sink = sink
        duplicatesFound.withLock { $0 = DuplicateWindow(seconds: configuration.duplicateWindow) }
        if machine.counts.messages > 0 {
            observer.journal(.received(messages: machine.counts.messages, newestAt: machine.counts.newestReceivedAt))
        }
        poll()
        turn()
    }

    /// Goes by `maxBytes`, `minFreeBytes`, `maxMemory` and `deadLetterMax` of another configuration. One-way, as everything: a
    /// disk that hangs is not waited for.
    public nonisolated func changeLimits(to new: JournalConfiguration) {
        inbox.change(maxMemory: new.maxMemory)
        eventLoop.execute { self.assumeIsolated { $0.adopt(new) } }
    }

    private func adopt(_ new: JournalConfiguration) {
        guard !isClosed else { return }
        store.changeLimits(to: new)
        // One that is to be opened anew gets them with that.
        if repair == nil {
            do {
                try onDisk { store throws(StoreFailure) in try store.limitDatabase() }
            } catch {
                failed(error)
            }
        }
        if machine.refusal != nil { roomWasFreed() }
        publish()
    }

    /// Writes what can be written, closes the database and gives the lock back. Nothing is taken from then on.
    public nonisolated func close() async {
        inbox.close()
        await finish()
        try? await group.shutdownGracefully()
    }

    private func finish() {
        guard !isClosed else { return }
        takeInbox()
        // A disk that refused may have room by now, and there is no other time.
        if machine.refusal != nil { machine.probe() }
        store.isEnding = true
        repeat { isFlushDue = true } while write()
        isClosed = true
        flushTimer?.cancel()
        probeTimer?.cancel()
        onDisk { $0.close() }
        publish()
    }

    /// Has the store do something with the disk, which other threads can tell from a thread that does not turn.
    func onDisk<Value, Failure: Error>(_ body: (JournalStore) throws(Failure) -> Value) throws(Failure) -> Value {
        try inbox.whileBusy { () throws(Failure) in try body(store) }
    }

    /// Shows other threads what the journal holds.
    func publish() {
        inbox.publish(Self.status(machine, store, since: refusedSince), letterBytes: machine.counts.letterBytes)
    }

    /// Microseconds since 1970.
    @Sendable nonisolated static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
