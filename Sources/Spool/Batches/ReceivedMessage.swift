public import NIOCore

/// One ZeroMQ message of a ``ReceivedBatch``, sharing the batch's memory.
///
/// A fedmsg message has two frames, a topic and an envelope. Others are kept as they came, to be judged later.
public struct ReceivedMessage: Sendable {
    private let bytes: ByteBuffer
    /// Where the record begins, from the first of `bytes`.
    private let offset: Int

    init(bytes: ByteBuffer, offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Frames of the message.
    public var frameCount: Int { length(at: 0, in: bytes.readableBytesSpan) }

    /// The first frame; empty where there is none.
    public var topic: ByteBuffer { self[0] }

    /// The second frame; empty where there is none.
    public var payload: ByteBuffer { self[1] }

    /// Every frame, in order.
    public var frames: [ByteBuffer] { (0..<frameCount).map { self[$0] } }

    /// The frame at `index`; empty where there is none.
    public subscript(index: Int) -> ByteBuffer {
        let span = bytes.readableBytesSpan
        let count = length(at: 0, in: span)
        guard index < count else { return ByteBuffer() }
        var position = bytes.readerIndex + offset + ReceivedBatch.lengthSize * (1 + count)
        for earlier in 0..<index { position += length(at: 1 + earlier, in: span) }
        // Every record was checked when the batch was filled or decoded.
        return bytes.getSlice(at: position, length: length(at: 1 + index, in: span)) ?? ByteBuffer()
    }

    /// The number at `index` of those that begin the record: how many frames, then how long each is. Bounds are checked.
    private func length(at index: Int, in span: RawSpan) -> Int {
        let position = offset + ReceivedBatch.lengthSize * index
        return Int(UInt32(littleEndian: span.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)))
    }
}
