package import NIOCore

/// A publish whose method and content header are frames already, but for the body's size and what its channel alone knows:
/// the channel's number, and that of a mandatory publish.
package struct EncodedPublish: Sendable {
    /// Where in a buffer the two frames are, as ``PublishTemplate`` wrote them.
    package struct Head: Sendable {
        let start: Int
        let methodSize: Int
        let headerSize: Int
        /// Where from `start` on the number of a mandatory publish is.
        let numberOffset: Int?

        var headerOffset: Int { methodSize + Frame.overhead }
        var size: Int { headerOffset + headerSize + Frame.overhead }
    }

    private let head: Head
    private let heads: ByteBuffer
    let body: ByteBuffer

    /// - Parameter heads: where `head` was written.
    package init(_ head: Head, in heads: ByteBuffer, body: ByteBuffer) {
        self.head = head
        self.heads = heads
        self.body = body
    }

    /// - Throws: ``WireError`` where a frame of the head is larger than the broker takes.
    func layout(frameMax: UInt32) throws(WireError) -> PublishLayout {
        try PublishLayout(
            methodSize: head.methodSize,
            headerSize: head.headerSize,
            bodySize: body.readableBytes,
            frameMax: frameMax
        )
    }

    /// Appends the frames of method and header.
    func appendHead(to span: inout OutputRawSpan, channel: UInt16, number: UInt64) {
        let start = span.byteCount
        span.appendBytes(heads.readableBytesSpan.extracting(head.start..<head.start + head.size))
        var bytes = span.mutableBytes
        let header = start + head.headerOffset
        bytes.storeBytes(of: channel.bigEndian, toByteOffset: start + Frame.channelOffset, as: UInt16.self)
        bytes.storeBytes(of: channel.bigEndian, toByteOffset: header + Frame.channelOffset, as: UInt16.self)
        bytes.storeBytes(
            of: UInt64(body.readableBytes).bigEndian,
            toByteOffset: header + Frame.payloadOffset + ContentHeader.bodySizeOffset,
            as: UInt64.self
        )
        if let numberOffset = head.numberOffset {
            let number = Int64(clamping: number).bigEndian
            bytes.storeBytes(of: number, toByteOffset: start + numberOffset, as: Int64.self)
        }
    }
}
