/// What the spool holds, as of its last change. Sizes are bytes, times microseconds since 1970.
public struct SpoolStatus: Sendable, Equatable {
    /// A number for each direction.
    public struct PerDirection: Sendable, Equatable {
        /// From fedmsg to AMQP.
        public var toAMQP = 0
        /// From AMQP to fedmsg.
        public var toFedmsg = 0

        /// The number of a direction.
        public subscript(direction: Direction) -> Int {
            get { direction == .toAMQP ? toAMQP : toFedmsg }
            set { if direction == .toAMQP { toAMQP = newValue } else { toFedmsg = newValue } }
        }

        /// Both.
        public var total: Int { toAMQP + toFedmsg }
    }

    /// Messages received and not yet settled: those on disk and, while the spool takes nothing, those in memory.
    public var messages = 0
    /// How many of ``messages`` are in memory alone.
    public var messagesInMemory = 0
    /// How many of ``messages`` the next process finds.
    public var messagesOnDisk: Int { max(0, messages - messagesInMemory) }
    /// Messages settled so far by this process.
    public var settled = 0
    /// Bytes of the messages that wait.
    public var bytes = 0
    /// When the oldest message that waits was received.
    public var oldestReceivedAt: Int64?
    /// When the newest message ever journalled was received.
    public var lastReceivedAt: Int64?
    /// Messages that a kill would lose now: on their way to the journal, or refused by the disk.
    public var unjournalledMessages = 0
    /// Their bytes.
    public var unjournalledBytes = 0
    /// Bytes of the spool's files, the write-ahead log included.
    public var fileBytes = 0
    /// What they may become.
    public var maxBytes = 0
    /// Dead letters kept.
    public var deadLetters = PerDirection()
    /// Dead letters that wait in memory to be written.
    public var unwrittenDeadLetters = 0
    /// Why the spool takes nothing; nil while it does.
    public var refusal: SpoolRefusal?
    /// Since when.
    public var refusedSince: Int64?

    /// An empty spool.
    public init() {}
}
