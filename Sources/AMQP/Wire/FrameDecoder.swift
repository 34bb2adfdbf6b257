import NIOCore

/// Cuts a byte stream into frames, wherever it is cut itself.
///
/// Each byte is looked at once: a frame's first 7 bytes are read when they are there, then nothing happens until the
/// rest is. Frames that lie whole in what `append` was given are slices of it, nothing is copied; only a frame across
/// two reads is gathered in a buffer of its own. So what is kept of a frame keeps at most one read, or one frame.
struct FrameDecoder {
    /// The largest frame of a body that is taken, its 8 bytes of header and end included.
    private(set) var frameMax: UInt32
    /// The largest frame of a method or a content header.
    private var unsplitMax: UInt32

    private var input = ByteBuffer()
    /// The beginning of the frame, or of the frame's header, that is not whole yet.
    private var partial = ByteBuffer()
    private var header: FrameHeader?
    private var failure: WireError?

    init(frameMax: UInt32) {
        self.frameMax = frameMax
        unsplitMax = frameMax
    }

    /// The peers agreed on a size, which RabbitMQ keeps to with bodies alone.
    mutating func agreed(on frameMax: UInt32) {
        self.frameMax = frameMax
        unsplitMax = max(frameMax, Self.leastUnsplitMax)
    }

    /// RabbitMQ takes headers that just fit frame_max, and sends them again with `x-delivery-count` or `x-death` in addition:
    /// room for a multiple of its default, and a bound still.
    private static let leastUnsplitMax: UInt32 = 1 << 20

    /// Whether a frame has begun and not ended: the end of the stream is not expected here.
    var isAmidFrame: Bool { header != nil || partial.readableBytes > 0 || input.readableBytes > 0 }

    mutating func append(_ bytes: ByteBuffer) {
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The next frame, or nil until more bytes are there.
    ///
    /// After an error the stream can't be trusted: the same error is thrown from then on.
    mutating func next() throws(WireError) -> Frame? {
        if let failure { throw failure }
        do throws(WireError) {
            return try decodeNext()
        } catch {
            failure = error
            input = ByteBuffer()
            partial = ByteBuffer()
            throw error
        }
    }

    private mutating func decodeNext() throws(WireError) -> Frame? {
        if header == nil {
            if partial.readableBytes == 0, input.readableBytes >= FrameHeader.size {
                header = try FrameHeader(input.readableBytesUInt8Span, frameMax: frameMax, unsplitMax: unsplitMax)
                input.moveReaderIndex(forwardBy: FrameHeader.size)
            } else {
                guard let bytes = take(FrameHeader.size) else { return nil }
                header = try FrameHeader(bytes.readableBytesUInt8Span, frameMax: frameMax, unsplitMax: unsplitMax)
            }
        }
        guard let header, let rest = take(header.remainder) else { return nil }
        self.header = nil
        switch header {
        case .frame(let kind, let channel, _):
            return try Frame(kind, channel: channel, rest: rest)
        case .protocolHeader(let major, let minor):
            throw .protocolMismatch(major: major, minor: minor, revision: rest.readableBytesUInt8Span[0])
        }
    }

    /// The next `count` bytes, or nil, and then what there is of them is in `partial`.
    private mutating func take(_ count: Int) -> ByteBuffer? {
        if partial.readableBytes == 0 {
            if let slice = input.readSlice(length: count) { return slice }
            partial.clear(minimumCapacity: count)
        }
        if var missing = input.readSlice(length: min(count - partial.readableBytes, input.readableBytes)) {
            partial.writeBuffer(&missing)
        }
        if input.readableBytes == 0 {
            // Nobody else may hold the bytes of the last read, so that they can be read into again.
            input = ByteBuffer()
        }
        return partial.readableBytes == count ? partial.readSlice(length: count) : nil
    }
}
