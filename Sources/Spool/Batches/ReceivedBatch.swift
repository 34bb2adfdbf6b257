import NIOCore

/// Messages that arrived together from ZeroMQ, in one contiguous buffer: exactly the bytes of a journal row.
///
/// Each frame is copied once, when it is appended; after that the buffer is shared by the journal, the sink and every
/// slice taken from it. The bytes are a version byte, then each message as a frame count, the frames' lengths (32 bits
/// each, little endian) and the frames.
public struct ReceivedBatch: Sendable {
    /// The most bytes that one batch can hold, below SQLite's limit of 1,000,000,000 for a value.
    public static let maxBytes = 900_000_000

    static let version: UInt8 = 1
    static let lengthSize = MemoryLayout<UInt32>.size

    /// When the messages were received, in microseconds since 1970.
    public var receivedAt: Int64

    /// The whole row: the version byte, then the records.
    var bytes: ByteBuffer
    /// Where each record begins in `bytes`, counted from its reader index.
    var offsets: [UInt32]
    /// What is seen of `offsets`: a batch whose first messages are settled begins later.
    var firstRecord = 0

    /// An empty batch.
    ///
    /// - Parameters:
    ///   - receivedAt: Microseconds since 1970.
    ///   - capacity: Bytes to reserve.
    public init(receivedAt: Int64 = 0, reservingCapacity capacity: Int = 0) {
        self.receivedAt = receivedAt
        self.bytes = ByteBuffer()
        self.bytes.reserveCapacity(capacity + 1)
        self.bytes.writeInteger(Self.version)
        self.offsets = []
    }

    /// Messages in the batch.
    public var count: Int { offsets.count - firstRecord }

    /// Whether there is no message in the batch.
    public var isEmpty: Bool { count == 0 }

    /// Bytes of the row, lengths included; memory and disk are accounted in these.
    public var byteCount: Int { bytes.readableBytes }

    /// Bytes of memory that it keeps: it grew by doubling.
    var memory: Int { bytes.storageCapacity }

    /// The message at `index`, its frames sharing the batch's memory.
    public subscript(index: Int) -> ReceivedMessage {
        ReceivedMessage(bytes: bytes, offset: Int(offsets[firstRecord + index]))
    }

    /// The batch without its first `count` messages, sharing the same memory.
    func dropFirst(_ count: Int) -> ReceivedBatch {
        var rest = self
        rest.firstRecord = min(firstRecord + count, offsets.count)
        return rest
    }
}
