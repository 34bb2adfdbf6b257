import GRDB

// Dead letters that an operator tries again.
extension JournalStore {
    /// Letters taken up at once.
    static let retriedAtOnce = 64

    /// Moves letters of the direction to AMQP that are to be tried again into a row of the journal.
    ///
    /// - Parameters:
    ///   - letters: Those, as many as there is room for.
    ///   - row: The row's number.
    ///   - now: Microseconds since 1970; becomes the time of receipt.
    /// - Returns: The row, or nil where no letter waits.
    func retryToAMQP(_ letters: [DeadLetter], row: Int64, now: Int64) throws(StoreFailure) -> ReceivedBatch? {
        guard !letters.isEmpty else { return nil }
        var batch = ReceivedBatch(receivedAt: now)
        var taken: [DeadLetter] = []
        for letter in letters {
            guard batch.isEmpty || batch.byteCount + letter.byteCount < budget.transactionBytes,
                batch.append(frames: letter.frames)
            else { break }
            taken.append(letter)
        }
        try checkRoom(for: batch.byteCount)
        batch = ReceivedBatch(receivedAt: now)
        var (messages, bytes, census) = (messagesEver, bytesEver, census)
        try inTransaction { database in
            let delete = try database.cachedStatement(sql: "DELETE FROM dead_letters WHERE id = ?")
            for letter in taken {
                try delete.execute(arguments: [letter.id])
                // One that a command has dropped since it was read is not sent.
                if database.changesCount > 0 { batch.append(frames: letter.frames) }
            }
            guard !batch.isEmpty else { return }
            messages += batch.count
            bytes += batch.byteCount
            try Self.insert(row, batch, .retried, messages: messages, bytes: bytes, in: database)
            // Counted before the commit: after it nothing may fail, as the machine has to be told of the row.
            census = try DeadLetterCensus(database)
        }
        guard !batch.isEmpty else { return nil }
        (messagesEver, bytesEver, self.census) = (messages, bytes, census)
        return batch
    }

    /// Has letters that are damaged wait no longer to be tried again: they say why.
    func giveUp(_ damaged: [DeadLetter]) throws(StoreFailure) {
        try checkRoom(for: damaged.reduce(0) { $0 + $1.byteCount })
        try inTransaction { database in
            let update = try database.cachedStatement(
                sql: "UPDATE dead_letters SET retry_at = NULL, detail = ? WHERE id = ?"
            )
            let detail = "can't be tried again: its bytes in the spool are damaged"
            for letter in damaged { try update.execute(arguments: [detail, letter.id]) }
        }
        for letter in damaged { census.note(.init(letter), returned: letter.id) }
    }

    /// Letters that are to be tried again, oldest first.
    func lettersToRetry(_ direction: Direction) throws(StoreFailure) -> [DeadLetter] {
        let sql = """
            SELECT \(DeadLetter.columns) FROM dead_letters
            WHERE retry_at IS NOT NULL AND direction = ? ORDER BY id
            """
        return try read { database in
            var letters: [DeadLetter] = []
            var bytes = 0
            let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: [direction.rawValue])
            while letters.count < Self.retriedAtOnce, bytes < budget.transactionBytes, let row = try cursor.next() {
                guard let letter = DeadLetter(row) else { continue }
                letters.append(letter)
                bytes += letter.byteCount
            }
            return letters
        }
    }
}
