/// How a journal is kept. Defaults are those of the `[spool]` table.
public struct JournalConfiguration: Sendable {
    /// When a commit reaches the disk; SQLite's words.
    public enum Synchronous: String, Sendable {
        /// At once: survives a power cut.
        case full
        /// At a checkpoint: survives a kill.
        case normal
    }

    /// The database's file.
    public var path: String
    /// Bytes that its files may have, the write-ahead log included.
    public var maxBytes = 10_737_418_240
    /// Less room on the file system counts as full.
    public var minFreeBytes = 67_108_864
    /// Bytes of messages between libzmq and the journal. A batch may go beyond it, none is taken from there on.
    public var maxMemory = 268_435_456
    /// When a commit reaches the disk.
    public var synchronous = Synchronous.full
    /// Dead letters kept.
    public var deadLetterMax = 100_000
    /// Seconds for which ids are remembered.
    public var duplicateWindow = 600
    /// Messages that may be handed over and not settled. A batch may go beyond it, none begins there.
    public var windowMessages = 2_000
    /// Their bytes.
    public var windowBytes = 16_777_216
    /// Bytes of what waits on disk that stay in memory too.
    var recentBytes = JournalMachine.Limits().recentBytes

    /// A journal in the database at `path`.
    public init(path: String) {
        self.path = path
    }
}
