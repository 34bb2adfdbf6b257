import Foundation
import GRDB
import NIOCore

extension JournalStore {
    /// Writes all of a transaction, or nothing.
    ///
    /// - Parameters:
    ///   - newestAt: When the newest message was received.
    ///   - now: Microseconds since 1970.
    /// - Returns: How many dead letters fell out, for each direction and reason.
    func write(
        _ transaction: JournalTransaction,
        newestAt: Int64?,
        now: Int64
    ) throws(StoreFailure) -> [DeadLetterCensus.Kind: Int] {
        if !transaction.isOnlySettlement {
            try checkRoom(for: transaction.byteCount)
        } else if !isEnding {
            try checkLog()
        }
        var evicted: [DeadLetterCensus.Kind: Int] = [:]
        var (messages, bytes, census, digests) = (messagesEver, bytesEver, census, digestsOnDisk)
        try inTransaction { database in
            // What goes, goes first, so that its pages can be used again.
            if let mark = transaction.mark { try Self.delete(before: mark, in: database) }
            if let mark = transaction.markToWrite { try Self.write(mark, newestAt, to: database) }
            if !transaction.letters.isEmpty { census = try currentCensus(database) }
            evicted = try census.write(transaction.letters, within: letterLimits, to: database)
            for entry in transaction.rows {
                messages += entry.batch.count
                bytes += entry.batch.byteCount
                try Self.insert(entry.row, entry.batch, .live, messages: messages, bytes: bytes, in: database)
            }
            if !transaction.digests.isEmpty {
                try DuplicateRows.insert(transaction.digests, into: database)
                digests += transaction.digests.count
                if abs(now - prunedAt) > 1_000_000 { digests = try prune(digests, now: now, in: database) }
            }
            if transaction.isProbe { try Self.touchMark(in: database) }
        }
        (messagesEver, bytesEver, self.census, digestsOnDisk) = (messages, bytes, census, digests)
        return evicted
    }

    private func prune(_ digests: Int, now: Int64, in database: Database) throws -> Int {
        prunedAt = now
        return try DuplicateRows.prune(
            before: now - Int64(configuration.duplicateWindow) * 1_000_000,
            count: digests,
            capacity: DuplicateWindow.defaultCapacity,
            in: database
        )
    }

    var letterLimits: DeadLetterCensus.Limits {
        DeadLetterCensus.Limits(letters: configuration.deadLetterMax, bytes: budget.deadLetterBytes)
    }

    /// Writes a row. `messages` and `bytes` are running sums through it.
    static func insert(
        _ row: Int64,
        _ batch: ReceivedBatch,
        _ origin: JournalledBatch.Origin,
        messages: Int,
        bytes: Int,
        in database: Database
    ) throws {
        let insert = try database.cachedStatement(sql: "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        try batch.bytes.withUnsafeReadableBytes { content in
            // SQLite copies the bytes before this returns, so they need no owner.
            let blob = content.baseAddress.map {
                Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: $0), count: content.count, deallocator: .none)
            }
            try insert.execute(arguments: [
                row, batch.receivedAt, origin.rawValue, batch.count, messages, bytes,
                Int64(bitPattern: batch.checksum), blob ?? Data(),
            ])
        }
    }

    private static func delete(before mark: JournalPosition, in database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM journal WHERE row < ?").execute(arguments: [mark.row])
    }

    private static func write(_ mark: JournalPosition, _ newestAt: Int64?, to database: Database) throws {
        let update = try database.cachedStatement(sql: "UPDATE mark SET row = ?, message = ?, newest_at = ?")
        try update.execute(arguments: [mark.row, mark.index, newestAt])
    }

    private static func touchMark(in database: Database) throws {
        // SQLite writes no page that would stay as it is. After any number, and none, comes another one.
        try database.cachedStatement(sql: "UPDATE mark SET probes = coalesce(probes, 0) % 2 + 1").execute()
    }

    /// Does all of `body`, or nothing of it.
    ///
    /// GRDB's own parses BEGIN and COMMIT each time, which takes a lone message as long as to insert its row.
    func inTransaction(_ body: (Database) throws -> Void) throws(StoreFailure) {
        do {
            try database.writeWithoutTransaction { database in
                try database.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
                do {
                    try body(database)
                    try database.cachedStatement(sql: "COMMIT").execute()
                } catch {
                    try? database.rollback()
                    throw error
                }
            }
        } catch {
            throw classified(error)
        }
    }

    /// SQLite says the same of a full file system and of `max_page_count`.
    private func classified(_ error: any Error) -> StoreFailure {
        let failure = StoreFailure(error)
        if case .refused(.diskFull) = failure,
            files.sizes().database + SpoolBudget.pageSize > budget.databasePages * SpoolBudget.pageSize
                || (files.freeBytes ?? 0) > 16 * SpoolBudget.pageSize
        {
            return .refused(.maxBytes)
        }
        return failure
    }
}

extension ReceivedBatch {
    /// Of the row's bytes, its time and its number of messages.
    var checksum: UInt64 {
        bytes.withUnsafeReadableBytes {
            XXH64.hash($0, seed: UInt64(bitPattern: receivedAt) &+ UInt64(offsets.count))
        }
    }
}
