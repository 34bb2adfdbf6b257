import NIOCore

extension ByteBuffer {
    /// What a client sends first.
    static let protocolHeader = ByteBuffer(bytes: [0x41, 0x4D, 0x51, 0x50, 0, 0, 9, 1])

    mutating func writeHeartbeat() {
        writeFrameStart(.heartbeat, channel: 0, size: 0)
        writeInteger(Frame.end)
    }

    /// A method's frame. On an error nothing has been written.
    mutating func writeMethod(
        _ method: some MethodArguments,
        channel: UInt16,
        frameMax: UInt32
    ) throws(WireError) {
        let start = writerIndex
        do throws(WireError) {
            let payload = reserveFrame(.method, channel: channel)
            writeInteger(type(of: method).id.classID)
            writeInteger(type(of: method).id.methodID)
            try method.write(to: &self)
            try finishFrame(payload, frameMax: frameMax)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
    }

    /// basic.publish with its content: method, header, and the body in as many frames as it needs, none where it is
    /// empty. On an error nothing has been written.
    mutating func writePublish(
        _ publish: Method.Basic.Publish,
        properties: AMQPBasicProperties,
        body: ByteBuffer,
        channel: UInt16,
        frameMax: UInt32
    ) throws(WireError) {
        let start = writerIndex
        do throws(WireError) {
            try writeMethod(publish, channel: channel, frameMax: frameMax)
            let payload = reserveFrame(.header, channel: channel)
            writeMultipleIntegers(ContentHeader.classID, 0 as UInt16, UInt64(body.readableBytes))
            try properties.write(to: &self)
            try finishFrame(payload, frameMax: frameMax)
            writeBody(body, channel: channel, frameMax: frameMax)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
    }

    private mutating func writeBody(_ body: ByteBuffer, channel: UInt16, frameMax: UInt32) {
        var body = body
        let limit = Int(frameMax) - Frame.overhead
        while var piece = body.readSlice(length: min(limit, body.readableBytes)), piece.readableBytes > 0 {
            writeFrameStart(.body, channel: channel, size: UInt32(piece.readableBytes))
            writeBuffer(&piece)
            writeInteger(Frame.end)
        }
    }

    private mutating func writeFrameStart(_ kind: Frame.Kind, channel: UInt16, size: UInt32) {
        writeMultipleIntegers(kind.rawValue, channel, size)
    }

    /// Returns where the payload starts.
    private mutating func reserveFrame(_ kind: Frame.Kind, channel: UInt16) -> Int {
        writeFrameStart(kind, channel: channel, size: 0)
        return writerIndex
    }

    private mutating func finishFrame(_ payload: Int, frameMax: UInt32) throws(WireError) {
        let size = writerIndex - payload
        guard size + Frame.overhead <= frameMax else { throw .doesNotFitFrame(size: size, frameMax: frameMax) }
        setInteger(UInt32(size), at: payload - MemoryLayout<UInt32>.size)
        writeInteger(Frame.end)
    }
}
