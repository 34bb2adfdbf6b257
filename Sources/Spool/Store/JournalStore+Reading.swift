import GRDB
import NIOCore

extension JournalStore {
    /// A row whose checksum is wrong.
    struct CorruptRow {
        let row: Int64
        /// Nil where that is damaged.
        let receivedAt: Int64?
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
            reason: DeadLetter.damagedReason,
            detail: "row \(corrupt.row) of the journal, with \(corrupt.messages) messages, fails its checksum",
            topic: "",
            frames: [corrupt.bytes],
            receivedAt: corrupt.receivedAt ?? now,
            rejectedAt: now
        )
        var (census, evicted) = (census, [DeadLetterCensus.Kind: Int]())
        try inTransaction { database in
            try database.execute(sql: "DELETE FROM journal WHERE row = ?", arguments: [corrupt.row])
            census = try currentCensus(database)
            evicted = try census.write([.kept(letter, ticket: nil)], within: letterLimits, to: database)
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
            let receivedAt = row.number(at: 1).map(Int64.init)
            let content = row.bytes(at: 5) ?? ByteBuffer()
            // As many as there can be.
            let count = min(row.number(at: 3) ?? 0, content.readableBytes / ReceivedBatch.lengthSize)
            guard let receivedAt, let batch = ReceivedBatch(row: content, receivedAt: receivedAt, expecting: count),
                (row[4] as Int64?) == Int64(bitPattern: batch.checksum)
            else {
                isLast = false
                corrupt = .init(row: row[0], receivedAt: receivedAt, messages: count, bytes: content)
                return
            }
            let origin = row.number(at: 2).flatMap(JournalledBatch.Origin.init)
            rows.append(.init(row: row[0], batch: batch, origin: origin ?? .live))
            messages += batch.count
            bytes += batch.byteCount
        }
    }
}
