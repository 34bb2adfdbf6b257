/// The first 7 bytes of a frame, found acceptable.
enum FrameHeader: Equatable {
    case frame(Frame.Kind, channel: UInt16, size: UInt32)
    /// The beginning of a server's answer to a protocol header that it does not like: `AMQP`, 0, major, minor,
    /// with the revision to come.
    case protocolHeader(major: UInt8, minor: UInt8)

    static let size = 7

    /// - Parameters:
    ///   - bytes: at least 7.
    ///   - frameMax: holds for what is split to fit.
    ///   - unsplitMax: holds for a method and a content header.
    init(_ bytes: Span<UInt8>, frameMax: UInt32, unsplitMax: UInt32) throws(WireError) {
        var cursor = FieldCursor()
        let (type, channel) = (try cursor.octet(bytes), try cursor.short(bytes))
        let size = try cursor.long(bytes)
        guard let kind = Frame.Kind(rawValue: type) else {
            // "AMQP", read as the beginning of a frame.
            guard (type, channel, size >> 24) == (0x41, 0x4D51, 0x50) else { throw .unknownFrameType(type) }
            self = .protocolHeader(major: UInt8(size >> 8 & 0xFF), minor: UInt8(size & 0xFF))
            return
        }
        let limit =
            switch kind {
            case .method, .header: unsplitMax
            case .body, .heartbeat: frameMax
            }
        guard size <= limit, Int(size) + Frame.overhead <= limit else {
            throw .frameTooLarge(size: size, limit: limit)
        }
        if kind == .heartbeat {
            guard channel == 0 else { throw .heartbeatOnChannel(channel) }
            guard size == 0 else { throw .heartbeatWithPayload(size: size) }
        }
        self = .frame(kind, channel: channel, size: size)
    }

    /// The bytes still to come: payload and end, or the protocol's revision.
    var remainder: Int {
        switch self {
        case .frame(_, _, let size): Int(size) + 1
        case .protocolHeader: 1
        }
    }
}
