import GRDB

extension JournalStore.Found {
    /// What the tables hold; throws where they can't be read.
    ///
    /// - Parameter now: microseconds since 1970.
    init(_ database: Database, now: Int64, withDuplicates: Bool = true) throws {
        let marks = try Row.fetchOne(database, sql: "SELECT row, message, newest_at FROM mark")
        if let row = marks?.number(at: 0), let index = marks?.number(at: 1) {
            mark = JournalPosition(row: Int64(row), index: index)
        }
        let columns = "SELECT row, count, messages, bytes, received_at, length(batch) FROM journal ORDER BY row"
        if let first = try Row.fetchOne(database, sql: columns + " LIMIT 1"),
            let last = try Row.fetchOne(database, sql: columns + " DESC LIMIT 1")
        {
            try count(from: first, through: last)
        }
        // A dead letter that is tried again has the time of that.
        let live = "SELECT received_at FROM journal WHERE origin <> ? ORDER BY row DESC LIMIT 1"
        let newest = try Row.fetchOne(database, sql: live, arguments: [JournalledBatch.Origin.retried.rawValue])
        newestWritten = (newest?.number(at: 0) ?? marks?.number(at: 2)).map(Int64.init)
        newestAt = newestWritten.map { min($0, now) }
        if withDuplicates { duplicates = try DuplicateRows.load(database) }
    }

    /// Goes by the running sums in the first row and the last.
    private mutating func count(from first: Row, through last: Row) throws {
        let (firstRow, count) = (Int64(try first.neededNumber(at: 0)), try first.neededNumber(at: 1))
        // What is below a mark is deleted together with its writing, so that another mark is damage: nothing counts as settled.
        if mark >= JournalPosition(row: firstRow, index: count) { mark = JournalPosition(row: 0, index: 0) }
        messagesEver = try last.neededNumber(at: 2)
        bytesEver = try last.neededNumber(at: 3)
        messages = messagesEver - (try first.neededNumber(at: 2)) + count - (mark.row == firstRow ? mark.index : 0)
        bytes = bytesEver - (try first.neededNumber(at: 3)) + (try first.neededNumber(at: 5))
        oldestAt = first.number(at: 4).map(Int64.init)
        let lastRow = Int64(try last.neededNumber(at: 0))
        guard firstRow <= lastRow, messages > 0, bytes > 0 else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the journal's rows contradict each other")
        }
        rows = firstRow...lastRow
    }
}
