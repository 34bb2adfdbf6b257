import Foundation
import GRDB
import NIOCore

extension DeadLetter {
    /// The columns that `init(_:)` reads, in order.
    static let columns = """
        id, direction, reason, detail, topic, message_id, received_at, rejected_at, properties, frames
        """

    /// The letter in a row; nil where it makes no sense.
    init?(_ row: Row) throws {
        guard let direction = Direction(rawValue: row[1]) else { return nil }
        let properties = try row.withUnsafeData(atIndex: 8) { ByteBuffer(bytes: $0 ?? Data()) }
        let record = try row.withUnsafeData(atIndex: 9) { ByteBuffer(bytes: $0 ?? Data()) }
        guard let batch = ReceivedBatch(row: record, receivedAt: row[6]), batch.count == 1 else { return nil }
        self.init(
            id: row[0],
            direction: direction,
            reason: row[2],
            detail: row[3],
            topic: String(decoding: row[4] as Data, as: UTF8.self),
            messageID: (row[5] as Data?).map { String(decoding: $0, as: UTF8.self) },
            frames: batch[0].frames,
            properties: properties,
            receivedAt: row[6],
            rejectedAt: row[7]
        )
    }
}
