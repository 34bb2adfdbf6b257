import GRDB
import NIOCore

extension DeadLetter {
    /// The columns that `init(_:)` reads, in order.
    static let columns = """
        id, direction, reason, detail, topic, message_id, received_at, rejected_at, properties, frames
        """

    /// What a letter counts as that has no reason any more, and what a damaged row of the journal does.
    static let damagedReason = "bad_frames"

    /// The letter in a row; nil where it makes no sense.
    init?(_ row: Row) {
        let receivedAt = Int64(row.number(at: 6) ?? 0)
        guard let direction = row.direction(at: 1),
            let batch = ReceivedBatch(row: row.bytes(at: 9) ?? ByteBuffer(), receivedAt: receivedAt), batch.count == 1
        else { return nil }
        self.init(
            id: row[0],
            direction: direction,
            reason: row.text(at: 2) ?? Self.damagedReason,
            detail: row.text(at: 3) ?? "",
            topic: row.bytes(at: 4).map { String(buffer: $0) } ?? "",
            messageID: row.bytes(at: 5).map { String(buffer: $0) },
            frames: batch[0].frames,
            properties: row.bytes(at: 8) ?? ByteBuffer(),
            receivedAt: receivedAt,
            rejectedAt: Int64(row.number(at: 7) ?? 0)
        )
    }
}
