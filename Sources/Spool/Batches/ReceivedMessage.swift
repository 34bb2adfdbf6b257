public import NIOCore

/// One ZeroMQ message of a ``ReceivedBatch``, sharing the batch's memory.
///
/// A fedmsg message has two frames, a topic and an envelope. Others are kept as they came, to be judged later.
public struct ReceivedMessage: Sendable {
    private let bytes: ByteBuffer
    /// Where the record begins, as an index of `bytes`.
    private let start: Int

    init(bytes: ByteBuffer, offset: Int) {
        self.bytes = bytes
        self.start = bytes.readerIndex + offset
    }

    /// Frames of the message.
    public var frameCount: Int { length(at: 0) }

    /// The first frame; empty where there is none.
    public var topic: ByteBuffer { frameCount > 0 ? self[0] : ByteBuffer() }

    /// The second frame; empty where there is none.
    public var payload: ByteBuffer { frameCount > 1 ? self[1] : ByteBuffer() }

    /// Every frame, in order.
    public var frames: [ByteBuffer] { (0..<frameCount).map { self[$0] } }

    /// Bytes of all frames.
    public var byteCount: Int { (0..<frameCount).reduce(0) { $0 + length(at: 1 + $1) } }

    /// The frame at `index`, which is below ``frameCount``.
    public subscript(index: Int) -> ByteBuffer {
        var position = start + ReceivedBatch.lengthSize * (1 + frameCount)
        for earlier in 0..<index { position += length(at: 1 + earlier) }
        // Every record was checked when the batch was filled or decoded.
        return bytes.getSlice(at: position, length: length(at: 1 + index)) ?? ByteBuffer()
    }

    private func length(at index: Int) -> Int {
        let position = start + ReceivedBatch.lengthSize * index
        return Int(bytes.getInteger(at: position, endianness: .little, as: UInt32.self) ?? 0)
    }
}
