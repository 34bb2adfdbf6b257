import GRDB
import NIOCore

extension DeadLetter {
    /// The columns that `init(_:)` reads, in order.
    static let columns = """
        id, direction, reason, detail, topic, message_id, received_at, rejected_at, properties, frames
        """

    /// What a letter counts as that has no reason any more, and what a damaged row of the journal does.
    static let damagedReason = "bad_frames"

    /// The letter in a row; nil where it has no direction.
    init?(_ row: Row) {
        guard let direction = row.direction(at: 1) else { return nil }
        let receivedAt = Int64(row.number(at: 6) ?? 0)
        let record = row.bytes(at: 9) ?? ByteBuffer()
        let batch = ReceivedBatch(row: record, receivedAt: receivedAt)
        let frames = batch.flatMap { $0.count == 1 ? $0[0].frames : nil }
        self.init(
            id: row[0],
            direction: direction,
            reason: row.text(at: 2) ?? Self.damagedReason,
            detail: row.text(at: 3) ?? "",
            topic: row.bytes(at: 4).map { String(buffer: $0) } ?? "",
            messageID: row.bytes(at: 5).map { String(buffer: $0) },
            frames: frames ?? [record],
            properties: row.bytes(at: 8) ?? ByteBuffer(),
            receivedAt: receivedAt,
            rejectedAt: Int64(row.number(at: 7) ?? 0)
        )
        isDamaged = frames == nil
    }
}
