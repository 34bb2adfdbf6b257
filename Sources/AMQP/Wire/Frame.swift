import NIOCore

/// One frame, without the bytes that frame it.
enum Frame: Sendable, Equatable {
    case method(channel: UInt16, Method)
    case header(channel: UInt16, ContentHeader)
    case body(channel: UInt16, ByteBuffer)
    case heartbeat
}

extension Frame {
    /// What a frame costs besides its payload: type, channel and size before, the end byte after.
    static let overhead = 8
    static let channelOffset = 1
    static let sizeOffset = 3
    static let payloadOffset = 7
    static let end: UInt8 = 206

    /// The first byte of a frame.
    enum Kind: UInt8 {
        case method = 1
        case header = 2
        case body = 3
        case heartbeat = 8
    }
}

extension Frame {
    /// - Parameter rest: the payload and the byte behind it.
    init(_ kind: Kind, channel: UInt16, rest: ByteBuffer) throws(WireError) {
        let bytes = rest.readableBytesUInt8Span
        let size = bytes.count - 1
        guard bytes[size] == Self.end else { throw .wrongFrameEnd(bytes[size]) }
        var payload = rest
        payload.moveWriterIndex(to: rest.writerIndex - 1)
        self =
            switch kind {
            case .method: .method(channel: channel, try Method(decoding: bytes.extracting(first: size)))
            case .header: .header(channel: channel, try ContentHeader(payload, bytes.extracting(first: size)))
            case .body: .body(channel: channel, payload)
            case .heartbeat: .heartbeat
            }
    }
}
