/// What a journal tells its observer.
public enum JournalEvent: Sendable {
    /// Messages now count as received: journalled, found at the start, tried again, handed over while they are journalled, or
    /// accepted in memory while the spool takes nothing. `newestAt` is when the newest that was not tried again came, in
    /// microseconds since 1970.
    case received(messages: Int, newestAt: Int64?)
    /// Messages were dropped, for there is no room on disk nor in memory: received, and lost as `spool_full`.
    case dropped(messages: Int)
    /// A transaction was committed in so many nanoseconds.
    case committed(nanoseconds: Int64)
    /// The spool takes nothing now.
    case refusing(SpoolRefusal)
    /// The spool takes messages again.
    case accepting
    /// The database was corrupt and is now at `path`, with so many messages that were not yet handed over; a new one
    /// was begun. Without a path its file was gone.
    case setAside(path: String?, messages: Int, cause: String)
    /// Somebody removed or moved the database's file, or put another one in its place; it stays open here. So many messages
    /// wait in it, and new ones come: the next process finds none of them.
    case fileGone(messages: Int)
    /// A row's checksum was wrong. Its bytes are the dead letter `bad_frames`; so many messages are rejected.
    case corruptRow(row: Int64, messages: Int)
    /// The bytes of a dead letter that was to be tried again are damaged: it stays, and is not.
    case damagedLetter(id: Int64)
    /// Dead letters fell out to make room for newer ones.
    case evicted(direction: Direction, reason: String, letters: Int)
    /// Dead letters were taken up to be tried again.
    case retried(direction: Direction, letters: Int)
}

/// Is told what happens in a journal, on the journal's thread; ``JournalEvent/dropped(messages:)`` comes on the
/// thread that appends. It takes the value and returns.
public protocol JournalObserver: Sendable {
    /// Something happened.
    func journal(_ event: JournalEvent)
}
