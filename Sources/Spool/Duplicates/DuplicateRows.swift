import Foundation
import GRDB
import NIOCore

/// The duplicate window on disk: a row for each transaction, with 24 bytes an id (digest, time).
enum DuplicateRows {
    private static let entrySize = 24

    static func insert(_ entries: [DuplicateWindow.Entry], into database: Database) throws {
        guard !entries.isEmpty else { return }
        // Not into `Data`, which would cost as much for each value as all the rest.
        var values: [UInt64] = []
        values.reserveCapacity(entries.count * entrySize / MemoryLayout<UInt64>.size)
        var newest = Int64.min
        for entry in entries {
            values.append(entry.digest.high.bigEndian)
            values.append(entry.digest.low.bigEndian)
            values.append(UInt64(bitPattern: entry.receivedAt).bigEndian)
            newest = max(newest, entry.receivedAt)
        }
        let insert = try database.cachedStatement(sql: "INSERT INTO duplicates (newest_at, entries) VALUES (?, ?)")
        try insert.execute(arguments: [newest, values.withUnsafeBytes { Data($0) }])
    }

    /// Forgets rows that are wholly before `horizon`, and then the oldest until at most `capacity` ids are left.
    ///
    /// - Returns: Ids left, of `count` that were there.
    static func prune(before horizon: Int64, count: Int, capacity: Int, in database: Database) throws -> Int {
        let old = """
            DELETE FROM duplicates WHERE id < (
                SELECT coalesce(
                    (SELECT id FROM duplicates WHERE newest_at >= ? ORDER BY id LIMIT 1),
                    (SELECT max(id) + 1 FROM duplicates)
                )
            ) RETURNING coalesce(length(entries), 0)
            """
        var left = count
        left -= try Int.fetchAll(database.cachedStatement(sql: old), arguments: [horizon]).reduce(0, +) / entrySize
        let oldest = """
            DELETE FROM duplicates WHERE id = (SELECT min(id) FROM duplicates) RETURNING coalesce(length(entries), 0)
            """
        while left > capacity {
            let size = try Int.fetchOne(database.cachedStatement(sql: oldest))
            guard let size else { return 0 }
            left -= size / entrySize
        }
        return left
    }

    /// Every id, oldest first; none of a time that can't be subtracted from another.
    static func load(_ database: Database) throws -> [DuplicateWindow.Entry] {
        var entries: [DuplicateWindow.Entry] = []
        let rows = try Row.fetchCursor(database, sql: "SELECT entries FROM duplicates ORDER BY id")
        while let row = try rows.next() {
            var buffer = row.bytes(at: 0) ?? ByteBuffer()
            while let (high, low, time) = buffer.readMultipleIntegers(as: (UInt64, UInt64, Int64).self) {
                guard Row.plausible ~= Int(time) else { continue }
                let digest = MessageDigest(high: high, low: low)
                entries.append(DuplicateWindow.Entry(digest: digest, receivedAt: time))
            }
        }
        return entries
    }
}
