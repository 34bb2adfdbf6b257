import NIOCore

extension ReceivedBatch {
    /// The batch that a row holds; nil where the bytes are none.
    ///
    /// Builds the index in one pass over the lengths and copies nothing.
    init?(row bytes: ByteBuffer, receivedAt: Int64, expecting count: Int = 0) {
        guard bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == Self.version else { return nil }
        var offsets: [UInt32] = []
        // A count read from a damaged row must not make this reserve memory that the row could not need.
        offsets.reserveCapacity(max(0, min(count, bytes.readableBytes / Self.lengthSize)))
        var offset = 1
        while offset < bytes.readableBytes {
            offsets.append(UInt32(truncatingIfNeeded: offset))
            guard let end = Self.endOfRecord(in: bytes, at: offset) else { return nil }
            offset = end
        }
        self.receivedAt = receivedAt
        self.bytes = bytes
        self.offsets = offsets
    }

    private static func endOfRecord(in bytes: ByteBuffer, at offset: Int) -> Int? {
        let start = bytes.readerIndex + offset
        guard let frames = bytes.getInteger(at: start, endianness: .little, as: UInt32.self) else { return nil }
        var end = offset + lengthSize * (1 + Int(frames))
        guard end <= bytes.readableBytes else { return nil }
        for frame in 0..<Int(frames) {
            let index = start + lengthSize * (1 + frame)
            guard let length = bytes.getInteger(at: index, endianness: .little, as: UInt32.self) else { return nil }
            end += Int(length)
        }
        return end <= bytes.readableBytes ? end : nil
    }
}
