import Foundation
import GRDB
import NIOCore

// Changes to the dead letters, counted as they are made.
extension DeadLetterCensus {
    /// How many letters are kept.
    struct Limits {
        let letters: Int
        let bytes: Int
    }

    /// Makes the changes, then deletes the oldest letters until the limits hold; those that wait to be tried again stay. They
    /// are those of the kind that takes most of the room: a flood of what anybody can send pushes out little else.
    ///
    /// - Returns: How many letters fell out.
    mutating func write(
        _ changes: [PendingLetter],
        within limits: Limits,
        to database: Database
    ) throws -> [Kind: Int] {
        var evicted: [Kind: Int] = [:]
        for change in changes {
            switch change {
            case .rejected(_, let letter), .kept(let letter, _):
                if letter.byteCount <= limits.bytes {
                    try insert(letter, into: database)
                } else {
                    evicted[Kind(letter), default: 0] += 1
                }
            case .answered(let id, nil):
                try delete("WHERE id = ?", [id], in: database)
            case .answered(let id, let letter?):
                try rejectAgain(id, letter, in: database)
            }
        }
        while letters.total > limits.letters || bytes > limits.bytes {
            guard let row = try deleteOldest(within: limits, in: database) else { break }
            if let kind = Kind(row) { evicted[kind, default: 0] += 1 }
        }
        return evicted
    }

    private mutating func deleteOldest(within limits: Limits, in database: Database) throws -> Row? {
        let isOverLetters = letters.total > limits.letters
        let newest = try newestID(in: database)
        let sizes = rooms.filter { $0.value.letters > 0 }.mapValues { isOverLetters ? $0.letters : $0.bytes }
        for size in Set(sizes.values).sorted(by: >) {
            let kinds = sizes.filter { $0.value == size }.keys
            let candidates = try kinds.compactMap { try oldest(of: $0, in: database) }
            // The newest does not make room for itself, however large.
            if let id = candidates.filter({ isOverLetters || $0 != newest }).min() {
                return try delete("WHERE id = ?", [id], in: database)
            }
        }
        // One whose direction is damaged.
        return try delete("WHERE id = (SELECT min(id) FROM dead_letters WHERE retry_at IS NULL)", [], in: database)
    }

    /// The oldest letter of a kind that may fall out. It is looked for from where the last one was.
    private mutating func oldest(of kind: Kind, in database: Database) throws -> Int64? {
        // In the order of ids: by the index on reasons, all of them would have to be sorted.
        let sql = """
            SELECT id FROM dead_letters WHERE id > ? AND retry_at IS NULL AND +direction = ? AND +reason = ? ORDER BY id LIMIT 1
            """
        let through = rooms[kind]?.staysThrough ?? 0
        let arguments: StatementArguments = [through, kind.direction.rawValue, kind.reason]
        if let id = try Int64.fetchOne(database.cachedStatement(sql: sql), arguments: arguments) {
            note(kind, staysThrough: id - 1)
            return id
        }
        // All wait to be tried again. Those that come back are noted, and new ones have higher ids.
        note(kind, staysThrough: try newestID(in: database) ?? 0)
        return nil
    }

    private func newestID(in database: Database) throws -> Int64? {
        try Int64.fetchOne(database.cachedStatement(sql: "SELECT max(id) FROM dead_letters"))
    }

    private mutating func insert(_ letter: DeadLetter, into database: Database) throws {
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO dead_letters (direction, reason, detail, topic, message_id, received_at, rejected_at, size,
                properties, frames) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        var record = ReceivedBatch(receivedAt: letter.receivedAt)
        record.append(frames: letter.frames)
        try insert.execute(arguments: [
            letter.direction.rawValue, letter.reason, letter.detail, Data(letter.topic.utf8),
            letter.messageID.map { Data($0.utf8) }, letter.receivedAt, letter.rejectedAt, letter.byteCount,
            Data(letter.properties.readableBytesView), Data(record.bytes.readableBytesView),
        ])
        add(Kind(letter), bytes: letter.byteCount)
    }

    private mutating func rejectAgain(_ id: Int64, _ letter: DeadLetter, in database: Database) throws {
        let select = "SELECT direction, reason, \(Self.size) FROM dead_letters WHERE id = ?"
        guard let row = try Row.fetchOne(database.cachedStatement(sql: select), arguments: [id]) else { return }
        if let kind = Kind(row) {
            remove(kind, bytes: row[2])
            add(Kind(letter), bytes: row[2])
            note(Kind(letter), returned: id)
        }
        let update = "UPDATE dead_letters SET reason = ?, detail = ?, rejected_at = ?, retry_at = NULL WHERE id = ?"
        try database.cachedStatement(sql: update)
            .execute(arguments: [letter.reason, letter.detail, letter.rejectedAt, id])
    }

    @discardableResult
    private mutating func delete(
        _ condition: String,
        _ arguments: StatementArguments,
        in database: Database
    ) throws -> Row? {
        let sql = "DELETE FROM dead_letters \(condition) RETURNING direction, reason, \(Self.size)"
        // All rows are fetched: a statement that is left halfway is not done.
        let rows = try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
        if let row = rows.first, let kind = Kind(row) { remove(kind, bytes: row[2]) }
        return rows.first
    }
}
