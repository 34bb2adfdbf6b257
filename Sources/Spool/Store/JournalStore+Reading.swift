import Foundation
import GRDB
import NIOCore

extension JournalStore {
    /// A row whose checksum is wrong.
    struct CorruptRow {
        let row: Int64
        let receivedAt: Int64
        let messages: Int
        let bytes: ByteBuffer
    }

    /// Rows of the journal.
    struct Reading {
        var rows: [JournalMachine.StoredRow] = []
        /// The row at which reading stopped.
        var corrupt: CorruptRow?
        /// Whether there are no more rows of the page.
        var isLast = true
    }

    /// As many rows as the page has room for, and at least one. Stops before a corrupt row, and before one that SQLite
    /// can't read if there are others before it.
    func read(_ page: JournalMachine.Page) throws(StoreFailure) -> Reading {
        var reading = Reading()
        do {
            try read { database in try reading.fill(page, from: database) }
        } catch {
            guard case .corrupt = error, !reading.rows.isEmpty else { throw error }
            reading.isLast = false
        }
        return reading
    }

    /// Moves a corrupt row to the dead letters, where it can be looked at.
    func bury(_ corrupt: CorruptRow, now: Int64) throws(StoreFailure) -> [DeadLetterCensus.Kind: Int] {
        let letter = DeadLetter(
            direction: .toAMQP,
            reason: "bad_frames",
            detail: "row \(corrupt.row) of the journal, with \(corrupt.messages) messages, fails its checksum",
            topic: "",
            frames: [corrupt.bytes],
            receivedAt: corrupt.receivedAt,
            rejectedAt: now
        )
        var (census, evicted) = (census, [DeadLetterCensus.Kind: Int]())
        try inTransaction { database in
            try database.execute(sql: "DELETE FROM journal WHERE row = ?", arguments: [corrupt.row])
            census = try currentCensus(database)
            evicted = try census.write([.kept(letter, ticket: 0)], within: letterLimits, to: database)
        }
        self.census = census
        return evicted
    }
}

extension JournalStore.Reading {
    fileprivate mutating func fill(_ page: JournalMachine.Page, from database: Database) throws {
        let select = try database.cachedStatement(
            sql: """
                SELECT row, received_at, origin, count, checksum, batch FROM journal
                WHERE row >= ? AND row < ? ORDER BY row
                """
        )
        var (messages, bytes) = (0, 0)
        let cursor = try Row.fetchCursor(select, arguments: [page.from, page.before])
        while let row = try cursor.next() {
            guard rows.isEmpty || messages < page.messages && bytes < page.bytes else {
                isLast = false
                return
            }
            let receivedAt: Int64 = row[1]
            let content = try row.withUnsafeData(atIndex: 5) { ByteBuffer(bytes: $0 ?? Data()) }
            guard let batch = ReceivedBatch(row: content, receivedAt: receivedAt, expecting: row[3]),
                batch.checksum == UInt64(bitPattern: row[4] as Int64)
            else {
                isLast = false
                corrupt = .init(row: row[0], receivedAt: receivedAt, messages: row[3], bytes: content)
                return
            }
            rows.append(.init(row: row[0], batch: batch, origin: .init(rawValue: row[2]) ?? .live))
            messages += batch.count
            bytes += batch.byteCount
        }
    }
}
