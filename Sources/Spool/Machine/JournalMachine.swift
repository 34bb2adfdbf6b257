import DequeModule

/// Decides what is written, what is handed over and what is settled, without touching a disk.
///
/// A batch is accepted (`queue`), written, and handed over (`flight`) until it is settled. While the publish window has
/// room and nothing older waits on disk, a written batch is handed over from memory; otherwise the disk alone keeps it,
/// from `nextRead` on, and it is read when settlements make room. Where nothing is in flight one is handed over before it is
/// written. While the disk refuses, the queue is a tail in memory that is handed over after what the disk holds, and written
/// once the disk takes it.
struct JournalMachine {
    struct Limits {
        var windowMessages = 2_000
        var windowBytes = 16_777_216
        /// Bytes written in one transaction, if more than one batch.
        var transactionBytes = 8_388_608
        /// Bytes read from the disk at once, if more than one row.
        var pageBytes = 1_048_576
        /// Bytes of memory for what of the backlog need not be read, as it is in memory too.
        var recentBytes = 8_388_608
        /// Digests that wait to be written.
        var digests = DuplicateWindow.defaultCapacity
        /// Bytes of dead letters in memory, from which on nothing more is handed over that could become one.
        var letterBytes = 134_217_728
    }

    /// A batch that is not on disk.
    struct Entry {
        let row: Int64
        let batch: ReceivedBatch
        /// Whether its messages count as received already.
        var isReceived: Bool
    }

    /// A row that was handed over and is not wholly settled.
    struct Flight {
        let row: Int64
        let batch: ReceivedBatch
        /// Messages settled, from the row's first.
        var settled: Int
        /// The first message not settled.
        var next: JournalPosition { JournalPosition(row: row, index: settled) }
    }

    /// How much of what waits the disk takes.
    enum Acceptance: Int, Comparable {
        /// Not even that messages are settled.
        case nothing
        /// Settlements, which free room.
        case settlements
        /// Settlements and dead letters.
        case letters
        case everything

        static func < (left: Acceptance, right: Acceptance) -> Bool { left.rawValue < right.rawValue }
    }

    let limits: Limits

    /// Accepted and not on disk, in order. The first `handedOver` of them are in flight.
    var queue: Deque<Entry> = []
    var handedOver = 0
    var flight: Deque<Flight> = []
    /// Rows on disk are at or below `lastWritten`; those from `nextRead` on were not handed over.
    var nextRead: Int64 = 1
    var lastWritten: Int64 = 0
    /// Of the rows that wait on disk, those that are in memory too, in order; there may be others before, between and
    /// behind them.
    var recent: Deque<(row: Int64, batch: ReceivedBatch)> = []
    var recentBytes = 0
    /// Rows up to this were found at the start.
    var recoveredThrough: Int64 = 0

    /// What comes before this position is settled, and what of that is on disk.
    var settled = JournalPosition(row: 0, index: 0)
    var writtenMark = JournalPosition(row: 0, index: 0)
    /// Rejected messages past a hole in the settlements.
    var holes: [JournalPosition: DeadLetter] = [:]
    /// What is to be done to the dead letters on disk, those of the journal in order of settlement.
    var letters: Deque<PendingLetter> = []
    var digests: Deque<DuplicateWindow.Entry> = []

    var acceptance = Acceptance.everything
    /// Why the disk refuses; nil while it takes everything.
    var refusal: SpoolRefusal?
    var counts = Counts()

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// The row that the next batch gets.
    var nextRow: Int64 { (queue.last?.row ?? lastWritten) + 1 }

    /// Whether rows on disk wait to be handed over.
    var hasBacklog: Bool { nextRead <= lastWritten }

    /// Whether no message waits, on disk or in memory.
    var isEmpty: Bool { counts.messages == 0 && queue.isEmpty && writtenMark == settled }

    /// Whether another batch may be handed over: one may go beyond the window, none begins there.
    var hasRoom: Bool {
        counts.flightMessages < limits.windowMessages && counts.flightBytes < limits.windowBytes
            && counts.letterBytes < limits.letterBytes
    }

    /// Whether something waits that must not wait for a batch to ride with.
    var isUrgent: Bool {
        switch acceptance {
        case .everything: !queue.isEmpty || !letters.isEmpty
        case .letters: !letters.isEmpty
        case .settlements, .nothing: false
        }
    }

    /// Whether settlements or digests wait for a batch to ride with, and the disk takes them.
    var hasUnwrittenSettlements: Bool {
        if refusal != nil { return nextTransaction() != nil }
        return settled > writtenMark || !digests.isEmpty
    }

    /// When the oldest message that waits was received.
    var oldestReceivedAt: Int64? {
        if let oldest = flight.first { return oldest.batch.receivedAt }
        if hasBacklog { return counts.backlogSince }
        return queue.first.flatMap { $0.isReceived ? $0.batch.receivedAt : nil }
    }
}

extension JournalMachine {
    /// Running sums of what the collections and the disk hold.
    struct Counts: Equatable {
        /// Received and not settled.
        var messages = 0
        var bytes = 0
        /// Settled so far.
        var settled = 0
        /// Of these that wait: on disk, and not handed over.
        var backlogMessages = 0
        var backlogBytes = 0
        /// When the first of the backlog was received, as of its beginning.
        var backlogSince: Int64?
        /// Handed over, and not settled. A row's bytes count until all of it is.
        var flightMessages = 0
        var flightBytes = 0
        /// In `queue`, settled or not.
        var queuedMessages = 0
        var queuedBytes = 0
        /// Bytes of dead letters in memory.
        var letterBytes = 0
        /// When the newest message came from the bus.
        var newestReceivedAt: Int64?
        /// Messages that became received since the driver last took this.
        var newlyReceived = 0
    }

    /// Messages that became received since the last call.
    mutating func takeNewlyReceived() -> Int {
        defer { counts.newlyReceived = 0 }
        return counts.newlyReceived
    }
}
