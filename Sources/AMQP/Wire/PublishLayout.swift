import NIOCore

/// The sizes of the frames that carry a message, found fit before its first byte is written.
struct PublishLayout {
    /// Bytes that the frame of basic.publish carries.
    let methodSize: Int
    /// Bytes that the frame of the content header carries.
    let headerSize: Int
    private let bodySize: Int
    private let pieceSize: Int

    init(methodSize: Int, headerSize: Int, bodySize: Int, frameMax: UInt32) throws(WireError) {
        self.methodSize = methodSize
        self.headerSize = headerSize
        self.bodySize = bodySize
        pieceSize = Int(frameMax) - Frame.overhead
        for size in [methodSize, headerSize] where size > pieceSize {
            throw .doesNotFitFrame(size: size, frameMax: frameMax)
        }
    }

    init(
        _ publish: Method.Basic.Publish,
        _ properties: AMQPBasicProperties,
        bodySize: Int,
        frameMax: UInt32
    ) throws(WireError) {
        try self.init(
            methodSize: 7 + publish.exchange.shortStringSize() + publish.routingKey.shortStringSize(),
            headerSize: ContentHeader.sizeBeforeProperties + properties.encodedSize(),
            bodySize: bodySize,
            frameMax: frameMax
        )
    }

    /// The bytes of the frames of method and header.
    var headSize: Int { methodSize + headerSize + 2 * Frame.overhead }

    /// The bytes of all frames.
    var size: Int {
        let pieces = (bodySize + pieceSize - 1) / pieceSize
        return headSize + bodySize + pieces * Frame.overhead
    }

    /// The parts of the body that are a frame each; none where it is empty.
    var pieces: some Sequence<Range<Int>> {
        stride(from: 0, to: bodySize, by: pieceSize).lazy.map { [bodySize, pieceSize] start in
            start..<min(start + pieceSize, bodySize)
        }
    }

    /// Appends the frames of method and header.
    func appendHead(
        to span: inout OutputRawSpan,
        _ publish: Method.Basic.Publish,
        _ properties: AMQPBasicProperties,
        channel: UInt16
    ) {
        span.appendFrameStart(.method, channel: channel, size: methodSize)
        span.appendInteger(Method.Basic.Publish.classID)
        span.appendInteger(Method.Basic.Publish.methodID)
        span.appendInteger(0 as UInt16)
        span.appendShortString(publish.exchange)
        span.appendShortString(publish.routingKey)
        span.append((publish.mandatory ? 1 : 0) | (publish.immediate ? 2 : 0))
        span.append(Frame.end)

        span.appendFrameStart(.header, channel: channel, size: headerSize)
        span.appendInteger(ContentHeader.classID)
        span.appendInteger(0 as UInt16)
        span.appendInteger(UInt64(bodySize))
        properties.append(to: &span)
        span.append(Frame.end)
    }
}

extension OutputRawSpan {
    mutating func appendFrameStart(_ kind: Frame.Kind, channel: UInt16, size: Int) {
        append(kind.rawValue)
        appendInteger(channel)
        appendInteger(UInt32(size))
    }
}
