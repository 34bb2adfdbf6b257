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

    /// What evicted letters are counted by.
    struct Kind: Hashable {
        let direction: Direction
        let reason: String

        fileprivate init(_ letter: DeadLetter) {
            (direction, reason) = (letter.direction, letter.reason)
        }

        /// Of a row that was deleted; nil where its direction is damaged, and nothing counts it.
        fileprivate init?(_ row: Row) {
            guard let direction = row.direction(at: 0) else { return nil }
            (self.direction, reason) = (direction, row.text(at: 1) ?? DeadLetter.damagedReason)
        }
    }

    /// Makes the changes, then deletes the oldest letters until the limits hold; those that wait to be tried again stay.
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
            let oldest = "WHERE id = (SELECT id FROM dead_letters WHERE retry_at IS NULL ORDER BY id LIMIT 1)"
            guard let row = try delete(oldest, [], in: database) else { break }
            if let kind = Kind(row) { evicted[kind, default: 0] += 1 }
        }
        return evicted
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
        add(letter.direction, bytes: letter.byteCount)
    }

    private func rejectAgain(_ id: Int64, _ letter: DeadLetter, in database: Database) throws {
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
        if let row = rows.first, let direction = row.direction(at: 0) { remove(direction, bytes: row[2]) }
        return rows.first
    }
}
