import Synchronization

/// What other threads leave for the journal's thread, and what that thread shows of itself.
///
/// Batches wait here while a commit goes on, so that the next one takes them all. They are accounted against
/// `max_memory` until they are on disk.
final class JournalInbox: Sendable {
    /// What is told of messages that were handed over.
    enum Report {
        case settled(JournalPosition)
        case rejected(JournalPosition, DeadLetter)
        case passed([DuplicateWindow.Entry])
        case keep(DeadLetter, kept: @Sendable () -> Void)
        case retrySettled(Int64)
        case retryRejected(Int64, DeadLetter)
    }

    struct Contents {
        var batches: [ReceivedBatch] = []
        var reports: [Report] = []
        var messages = 0
        var bytes = 0
    }

    fileprivate struct State {
        var maxMemory: Int
        var contents = Contents()
        /// What was taken out of here and is not on disk yet.
        var takenMessages = 0
        var takenBytes = 0
        /// Bytes of dead letters that wait to be written.
        var letterBytes = 0
        var isScheduled = false
        var isClosed = false
        var status = SpoolStatus()
        /// When the disk operation in progress began, by the monotonic clock.
        var busySince: ContinuousClock.Instant?
        /// When the journal's thread last ran, or came back from the disk.
        var lastTurn = SuspendingClock.now
    }

    /// What a caller does after it left something.
    enum Outcome {
        case wake, done, refused
    }

    private let state: Mutex<State>

    init(maxMemory: Int, status: SpoolStatus) {
        state = Mutex(State(maxMemory: maxMemory, status: status))
    }

    /// How many bytes may wait from now on.
    func change(maxMemory: Int) {
        state.withLock { $0.maxMemory = maxMemory }
    }

    /// Leaves a batch, unless memory is used up. One may go beyond it: the bytes are in memory already.
    func add(_ batch: ReceivedBatch) -> Outcome {
        state.withLock { state in
            let held = state.contents.bytes + state.takenBytes + state.letterBytes
            guard !state.isClosed, held < state.maxMemory else { return .refused }
            state.contents.batches.append(batch)
            state.contents.messages += batch.count
            state.contents.bytes += batch.byteCount
            return state.schedule()
        }
    }

    /// Leaves a report.
    func add(_ report: Report) -> Outcome {
        state.withLock { state in
            guard !state.isClosed else { return .refused }
            state.contents.reports.append(report)
            return state.schedule()
        }
    }

    /// Everything that was left. From now on the next caller wakes the journal again.
    func take() -> Contents {
        state.withLock { state in
            state.isScheduled = false
            state.takenMessages += state.contents.messages
            state.takenBytes += state.contents.bytes
            defer { state.contents = Contents() }
            return state.contents
        }
    }

    /// Shows what the journal holds after a turn, `letterBytes` of it in dead letters that wait to be written.
    func publish(_ status: SpoolStatus, letterBytes: Int) {
        state.withLock { state in
            state.status = status
            state.takenMessages = status.unjournalledMessages
            state.takenBytes = status.unjournalledBytes
            state.letterBytes = letterBytes
        }
    }

    /// Nothing is taken any more.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// What the journal holds, with what waits here.
    var status: SpoolStatus {
        state.withLock { state in
            var status = state.status
            status.unjournalledMessages = state.contents.messages + state.takenMessages
            status.unjournalledBytes = state.contents.bytes + state.takenBytes
            return status
        }
    }

    /// For how long the disk operation in progress has been going on; nil when there is none.
    var busyFor: Duration? {
        state.withLock { $0.busySince }.map { .now - $0 }
    }

    /// Marks a disk operation, so that another thread can tell when it hangs.
    func whileBusy<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        state.withLock { $0.busySince = .now }
        defer {
            state.withLock {
                $0.busySince = nil
                $0.lastTurn = .now
            }
        }
        return try body()
    }

    /// The journal's thread runs.
    func noteTurn() {
        state.withLock { $0.lastTurn = .now }
    }

    /// Whether the journal's thread ran within `limit`, or waits for the disk.
    func isTurning(within limit: Duration) -> Bool {
        state.withLock { $0.busySince != nil || $0.lastTurn.duration(to: .now) < limit }
    }
}

extension JournalInbox.State {
    fileprivate mutating func schedule() -> JournalInbox.Outcome {
        guard !isScheduled else { return .done }
        isScheduled = true
        return .wake
    }
}
