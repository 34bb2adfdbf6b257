import NIOCore

/// Puts the frames of one content together: a method, its header, and as many pieces of body as the header announces.
struct ContentAssembly {
    /// The method that announced the content.
    enum Announcement {
        case deliver(ConsumerRegistry.Consumer, Method.Basic.Deliver)
        case getOk(Method.Basic.GetOk)
        case returned(Method.Basic.Return)
    }

    /// A whole content.
    struct Content {
        var announcement: Announcement
        var encodedProperties: ByteBuffer
        var body: ByteBuffer
    }

    private enum State {
        case idle
        case waitingForHeader(Announcement)
        case waitingForBody(Announcement, ContentHeader, remaining: Int)
    }

    private var state = State.idle
    private var body = ByteBuffer()

    /// The memory that the body so far takes.
    var heldBytes: Int { body.storageCapacity }

    var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    mutating func begin(_ announcement: Announcement) {
        state = .waitingForHeader(announcement)
    }

    /// A content without body is whole at its header.
    mutating func header(
        _ header: ContentHeader,
        maxBodySize: Int,
        channel: UInt16
    ) throws(ProtocolViolation) -> Content? {
        guard case .waitingForHeader(let announcement) = state else {
            throw .unexpectedFrame("content header without its method", channel: channel)
        }
        // The announced size is a claim: it is compared, and nothing is allocated by it.
        guard let size = Int(exactly: header.bodySize), size <= maxBodySize else {
            let message = "body of \(header.bodySize) bytes, \(maxBodySize) is the limit"
            throw ProtocolViolation(scope: .channel, code: .contentTooLarge, message: message, isLimit: true)
        }
        guard size > 0 else {
            state = .idle
            return Content(announcement: announcement, encodedProperties: header.encodedProperties, body: ByteBuffer())
        }
        state = .waitingForBody(announcement, header, remaining: size)
        return nil
    }

    mutating func piece(_ bytes: ByteBuffer, channel: UInt16) throws(ProtocolViolation) -> Content? {
        guard case .waitingForBody(let announcement, let header, let remaining) = state else {
            throw .unexpectedFrame("body without its header", channel: channel)
        }
        guard bytes.readableBytes <= remaining else {
            throw .unexpectedFrame("more body than the header announced", channel: channel)
        }
        let left = remaining - bytes.readableBytes
        if body.readableBytes == 0 {
            // The usual case, one piece, is never copied.
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
        guard left == 0 else {
            state = .waitingForBody(announcement, header, remaining: left)
            return nil
        }
        defer { reset() }
        return Content(announcement: announcement, encodedProperties: header.encodedProperties, body: body)
    }

    mutating func reset() {
        state = .idle
        body = ByteBuffer()
    }
}
