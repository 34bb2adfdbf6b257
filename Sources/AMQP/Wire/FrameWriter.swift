import NIOCore

/// Frames on their way out: buffers that are to be written one behind the other, and flushed once.
///
/// Small frames gather in one buffer. A large body is not copied: its pieces stand between what frames them.
struct FrameWriter: Sendable {
    /// The largest frame that the server takes, its 8 bytes of header and end included.
    var frameMax: UInt32

    private var closed: [ByteBuffer] = []
    private var open = ByteBuffer()
    /// What was handed out last, to be written to again.
    private var handedOut = ByteBuffer()

    /// From this size on, two more buffers to write cost less than the copy.
    static let sharedBodySize = 16_384
    /// A buffer that one burst made larger is not kept. A window's worth of small messages is the rule.
    private static let maxKeptCapacity = 1 << 20

    /// Before tune it is for the broker to judge what is too long: its initial_frame_max is not told.
    init(frameMax: UInt32 = TuneParameters.defaultFrameMax) {
        self.frameMax = frameMax
    }

    var isEmpty: Bool { closed.isEmpty && open.readableBytes == 0 }

    /// Takes out what has been written since the last time, in order.
    mutating func take() -> [ByteBuffer] {
        if open.storageCapacity <= Self.maxKeptCapacity { handedOut = open }
        close()
        defer { closed = [] }
        return closed
    }

    /// What was taken out is written, as a rule: then its memory serves again.
    mutating func reuse() {
        guard open.readableBytes == 0, handedOut.storageCapacity > 0 else { return }
        swap(&open, &handedOut)
        open.clear()
    }

    /// What a client sends first.
    mutating func writeProtocolHeader() {
        open.writeImmutableBuffer(.protocolHeader)
    }

    mutating func writeHeartbeat() {
        open.writeHeartbeat()
    }

    /// On an error nothing has been written.
    ///
    /// - Returns: the frame's bytes.
    @discardableResult
    mutating func write(_ method: some MethodArguments, channel: UInt16) throws(WireError) -> Int {
        let before = open.readableBytes
        try open.writeMethod(method, channel: channel, frameMax: frameMax)
        return open.readableBytes - before
    }

    /// basic.publish with its content. On an error nothing has been written.
    mutating func write(
        _ publish: Method.Basic.Publish,
        properties: AMQPBasicProperties,
        body: ByteBuffer,
        channel: UInt16
    ) throws(WireError) {
        let layout = try PublishLayout(publish, properties, bodySize: body.readableBytes, frameMax: frameMax)
        write(layout, body: body, channel: channel) { span in
            layout.appendHead(to: &span, publish, properties, channel: channel)
        }
    }

    /// basic.publish with its content. On an error nothing has been written.
    ///
    /// - Parameter number: the publish's on the channel.
    mutating func write(_ publish: EncodedPublish, number: UInt64, channel: UInt16) throws(WireError) {
        let layout = try publish.layout(frameMax: frameMax)
        write(layout, body: publish.body, channel: channel) { span in
            publish.appendHead(to: &span, channel: channel, number: number)
        }
    }

    @inline(__always)
    private mutating func write(
        _ layout: PublishLayout,
        body: ByteBuffer,
        channel: UInt16,
        head: (inout OutputRawSpan) -> Void
    ) {
        guard body.readableBytes >= Self.sharedBodySize else {
            return open.writePublish(layout, body: body, channel: channel, head: head)
        }
        var cuts: [Int] = []
        let start = open.readableBytes
        open.writeWithOutputRawSpan(minimumWritableBytes: layout.size - body.readableBytes) { span in
            head(&span)
            for piece in layout.pieces {
                span.appendFrameStart(.body, channel: channel, size: piece.count)
                cuts.append(start + span.byteCount)
                span.append(Frame.end)
            }
        }
        interleave(body, pieces: layout.pieces, cuts: cuts)
    }

    /// Puts each piece of the body where `open` is cut, counted from its first readable byte.
    private mutating func interleave(_ body: ByteBuffer, pieces: some Sequence<Range<Int>>, cuts: [Int]) {
        var body = body
        var position = 0
        for (piece, cut) in zip(pieces, cuts) {
            if let framing = open.readSlice(length: cut - position), let content = body.readSlice(length: piece.count) {
                closed += [framing, content]
            }
            position = cut
        }
        close()
    }

    /// What is written next goes to a new buffer: this one's bytes are shared from now on.
    private mutating func close() {
        if open.readableBytes > 0 { closed.append(open) }
        open = ByteBuffer()
    }
}
