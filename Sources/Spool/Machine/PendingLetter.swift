/// A change to the dead letters that waits to be written.
enum PendingLetter: Equatable, Sendable {
    /// A message of the journal was rejected; its settlement is written with it.
    case rejected(JournalPosition, DeadLetter)
    /// A letter is none of a message in the journal; who has a ticket wants to know when it is kept.
    case kept(DeadLetter, ticket: UInt64?)
    /// A letter that was tried again succeeded, or was rejected once more.
    case answered(id: Int64, DeadLetter?)

    /// Where the journal's settled mark must stay until this is written.
    var position: JournalPosition? {
        if case .rejected(let position, _) = self { position } else { nil }
    }

    /// What is left to do in a database that has none of the letters so far; ids are given there once more.
    var inNewDatabase: PendingLetter? {
        guard case .answered(_, let letter) = self else { return self }
        return letter.map { .kept($0, ticket: nil) }
    }

    /// Bytes in memory.
    var byteCount: Int {
        switch self {
        case .rejected(_, let letter), .kept(let letter, _): letter.byteCount
        case .answered(_, let letter): letter?.byteCount ?? 0
        }
    }
}
