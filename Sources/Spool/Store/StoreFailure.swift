import GRDB

/// Why a transaction is not on disk.
enum StoreFailure: Error {
    /// The disk refuses for now.
    case refused(SpoolRefusal)
    /// The database is damaged.
    case corrupt(String)

    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            self = error as? StoreFailure ?? .refused(.failed("\(error)"))
            return
        }
        let text = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(text)
        case .SQLITE_FULL: self = .refused(.diskFull)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .refused(.busy)
        default: self = .refused(.failed("\(text) (\(error.extendedResultCode.rawValue))"))
        }
    }
}
