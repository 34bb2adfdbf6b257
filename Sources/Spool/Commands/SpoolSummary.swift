/// What a spool holds, as `spool status` counts it. Sizes are bytes, times microseconds since 1970.
public struct SpoolSummary: Sendable, Equatable {
    /// Dead letters of one direction with one reason.
    public struct DeadLetters: Sendable, Equatable {
        /// Which way the messages were going.
        public let direction: Direction
        /// Why they were rejected.
        public let reason: String
        /// How many there are.
        public let letters: Int
        /// Their bytes.
        public let bytes: Int
    }

    /// Messages journalled and not settled, as of the last settlement written.
    public let messages: Int
    /// Their bytes.
    public let bytes: Int
    /// When the oldest of them was received.
    public let oldestReceivedAt: Int64?
    /// When the newest message ever journalled was received.
    public let lastReceivedAt: Int64?
    /// Bytes of the spool's files.
    public let fileBytes: Int
    /// What was refused, in the order of direction and reason.
    public let deadLetters: [DeadLetters]
    /// Whether a daemon holds the spool.
    public let isHeld: Bool
}
