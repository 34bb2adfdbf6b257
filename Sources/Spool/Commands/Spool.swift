import GRDB
import NIOCore

/// A spool as commands use it, beside a running daemon or without one: in short transactions, and never creating it.
public struct Spool: Sendable {
    /// Letters that one transaction reads or changes.
    private static let pageSize = 500
    /// Bytes of the letters that one transaction changes, if more than one letter: a daemon shares the log with it.
    private static let pageBytes = 4_194_304
    /// Of a letter that an earlier version kept, topic and id may be of any length. An empty BLOB's `substr` is NULL.
    private static let summaryColumns = """
        id, direction, reason, detail, coalesce(substr(topic, 1, \(DeadLetter.textLimit)), x''),
        substr(message_id, 1, \(DeadLetter.textLimit)), \(DeadLetterCensus.size), received_at, rejected_at, retry_at IS NOT NULL
        """

    private let files: SpoolFiles
    private let database: DatabaseQueue

    /// The spool at `path`.
    ///
    /// - Throws: ``SpoolError``: `notFound`, `notASpool`, `newerFormat`, `cannotOpen`.
    public init(path: String) throws(SpoolError) {
        files = SpoolFiles(path: path)
        guard files.exists else { throw SpoolError(.notFound, "there is no spool here", path: path) }
        do {
            var configuration = SpoolSchema.configuration(busyTimeout: 5)
            configuration.prepareDatabase { database in
                // As large as a change of many letters: SQLite's own 1000 pages are 16 MB here.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.pageBytes / SpoolBudget.pageSize)")
            }
            database = try DatabaseQueue(path: files.databaseName, configuration: configuration)
            let isSpool = try database.read { try SpoolSchema.check($0, path: path) }
            guard isSpool else { throw SpoolError(.notFound, "there is no spool here yet", path: path) }
        } catch let error as SpoolError {
            throw error
        } catch {
            throw SpoolError(.cannotOpen, "the spool can't be opened", path: path, underlying: error)
        }
    }

    /// What it holds.
    public func status() throws(SpoolError) -> SpoolSummary {
        let fileBytes = files.sizes().total
        return try run { database in
            try database.read { database in
                let found = try JournalStore.Found(database, now: Journal.now(), withDuplicates: false)
                let rooms = try DeadLetterCensus(database).rooms.sorted {
                    ($0.key.direction.rawValue, $0.key.reason) < ($1.key.direction.rawValue, $1.key.reason)
                }
                return SpoolSummary(
                    messages: found.messages,
                    bytes: found.bytes,
                    oldestReceivedAt: found.oldestAt,
                    lastReceivedAt: found.newestAt,
                    fileBytes: fileBytes,
                    deadLetters: rooms.map { kind, room in
                        .init(direction: kind.direction, reason: kind.reason, letters: room.letters, bytes: room.bytes)
                    },
                    isHeld: SpoolLock.isHeld(files)
                )
            }
        }
    }

    /// Calls `body` with each dead letter that the filter means, oldest first.
    public func list(_ filter: DeadLetterFilter, _ body: (DeadLetterSummary) throws -> Void) throws {
        let (condition, arguments) = filter.condition
        let sql = """
            SELECT \(Self.summaryColumns) FROM dead_letters
            WHERE \(condition) AND id > ? ORDER BY id LIMIT \(Self.pageSize)
            """
        var last: Int64 = 0
        while true {
            let after = last
            let page = try run { database in
                try database.read { try Row.fetchAll($0, sql: sql, arguments: arguments + [after]) }
            }
            for letter in page.compactMap(DeadLetterSummary.init) { try body(letter) }
            guard page.count == Self.pageSize, let end = page.last else { return }
            last = end[0]
        }
    }

    /// The newest dead letters, newest first.
    public func newest(_ count: Int) throws(SpoolError) -> [DeadLetterSummary] {
        try run { database in
            try database.read { database in
                let sql = "SELECT \(Self.summaryColumns) FROM dead_letters ORDER BY id DESC LIMIT ?"
                return try Row.fetchAll(database, sql: sql, arguments: [count]).compactMap(DeadLetterSummary.init)
            }
        }
    }

    /// A dead letter with its message; nil where there is none with this id.
    public func show(_ id: Int64) throws(SpoolError) -> DeadLetter? {
        try run { database in
            try database.read { database in
                let sql = "SELECT \(DeadLetter.columns) FROM dead_letters WHERE id = ?"
                return try Row.fetchOne(database, sql: sql, arguments: [id]).flatMap(DeadLetter.init)
            }
        }
    }

    /// Marks dead letters to be tried again: by the daemon within about a second, or when it starts.
    ///
    /// - Parameter now: Microseconds since 1970.
    /// - Returns: How many were marked, that were not before.
    public func retry(_ filter: DeadLetterFilter, now: Int64) throws(SpoolError) -> Int {
        try change("UPDATE dead_letters SET retry_at = ?", [now], filter, and: "retry_at IS NULL")
    }

    /// Deletes dead letters.
    ///
    /// - Returns: How many were deleted.
    public func drop(_ filter: DeadLetterFilter) throws(SpoolError) -> Int {
        try change("DELETE FROM dead_letters", [], filter, and: "TRUE")
    }

    /// Makes a change page by page, to letters that are there now: not to those that come back meanwhile.
    private func change(
        _ change: String,
        _ values: StatementArguments,
        _ filter: DeadLetterFilter,
        and extra: String
    ) throws(SpoolError) -> Int {
        let (condition, arguments) = filter.condition
        let meant = "\(condition) AND \(extra) AND id > ? AND id <= ?"
        let page = """
            SELECT max(id) FROM (
                SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM (
                    SELECT id, \(DeadLetterCensus.size) AS size FROM dead_letters WHERE \(meant) ORDER BY id LIMIT \(Self.pageSize)
                )
            ) WHERE before < \(Self.pageBytes)
            """
        return try run { database in
            let newest = try database.read { try Int64.fetchOne($0, sql: "SELECT max(id) FROM dead_letters") }
            guard let newest else { return 0 }
            var (total, last) = (0, Int64(0))
            while true {
                let after = last
                let (end, changed) = try database.write { database -> (Int64?, Int) in
                    let end = try Int64.fetchOne(database, sql: page, arguments: arguments + [after, newest])
                    guard let end else { return (nil, 0) }
                    try database.execute(
                        sql: "\(change) WHERE \(meant)",
                        arguments: values + arguments + [after, end]
                    )
                    return (end, database.changesCount)
                }
                guard let end else { return total }
                total += changed
                last = end
            }
        }
    }

    private func run<Value>(_ body: (DatabaseQueue) throws -> Value) throws(SpoolError) -> Value {
        do {
            return try body(database)
        } catch {
            throw SpoolError(.failed, "the spool can't be used", path: files.path, underlying: error)
        }
    }
}

extension DeadLetterSummary {
    fileprivate init?(_ row: Row) {
        guard let direction = row.direction(at: 1) else { return nil }
        self.init(
            id: row[0],
            direction: direction,
            reason: row.text(at: 2) ?? DeadLetter.damagedReason,
            detail: row.text(at: 3) ?? "",
            topic: row.bytes(at: 4).map { String(buffer: $0) } ?? "",
            messageID: row.bytes(at: 5).map { String(buffer: $0) },
            byteCount: row[6],
            receivedAt: Int64(row.number(at: 7) ?? 0),
            rejectedAt: Int64(row.number(at: 8) ?? 0),
            isToBeRetried: row[9]
        )
    }
}
