import NIOCore

extension ByteBuffer {
    /// What a client sends first.
    static let protocolHeader = ByteBuffer(bytes: [0x41, 0x4D, 0x51, 0x50, 0, 0, 9, 1])

    mutating func writeHeartbeat() {
        writeMultipleIntegers(Frame.Kind.heartbeat.rawValue, 0 as UInt16, 0 as UInt32, Frame.end)
    }

    /// A method's frame. On an error nothing has been written.
    mutating func writeMethod(
        _ method: some MethodArguments,
        channel: UInt16,
        frameMax: UInt32
    ) throws(WireError) {
        let start = writerIndex
        do throws(WireError) {
            writeMultipleIntegers(Frame.Kind.method.rawValue, channel, 0 as UInt32)
            let payload = writerIndex
            writeMultipleIntegers(type(of: method).classID, type(of: method).methodID)
            try method.write(to: &self)
            let size = writerIndex - payload
            guard size + Frame.overhead <= frameMax else { throw .doesNotFitFrame(size: size, frameMax: frameMax) }
            setInteger(UInt32(size), at: payload - MemoryLayout<UInt32>.size)
            writeInteger(Frame.end)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
    }

    /// basic.publish with its content: what `head` appends, and the body in as many frames as it needs, none where it is
    /// empty. The room is reserved once.
    @inline(__always)
    mutating func writePublish(
        _ layout: PublishLayout,
        body: ByteBuffer,
        channel: UInt16,
        head: (inout OutputRawSpan) -> Void
    ) {
        writeWithOutputRawSpan(minimumWritableBytes: layout.size) { span in
            head(&span)
            for piece in layout.pieces {
                span.appendFrameStart(.body, channel: channel, size: piece.count)
                span.appendBytes(body.readableBytesSpan.extracting(piece))
                span.append(Frame.end)
            }
        }
    }
}
