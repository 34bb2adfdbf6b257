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

    /// Of a content that has begun; its parts are kept apart, as to take them out of an enumeration is to copy them.
    private var announcement: Announcement?
    /// Once the header is there.
    private var encodedProperties: ByteBuffer?
    private var remaining = 0
    private var body = ByteBuffer()

    /// The memory that the body so far takes.
    var heldBytes: Int { body.storageCapacity }

    var isIdle: Bool { announcement == nil }

    mutating func begin(_ announcement: Announcement) {
        self.announcement = announcement
    }

    /// A content without body is whole at its header.
    mutating func header(
        _ header: ContentHeader,
        maxBodySize: Int,
        channel: UInt16
    ) throws(ProtocolViolation) -> Content? {
        guard announcement != nil, encodedProperties == nil else {
            throw .unexpectedFrame("content header without its method", channel: channel)
        }
        // The announced size is a claim: it is compared, and nothing is allocated by it.
        guard let size = Int(exactly: header.bodySize), size <= maxBodySize else {
            let message = "body of \(header.bodySize) bytes, \(maxBodySize) is the limit"
            throw ProtocolViolation(scope: .channel, code: .contentTooLarge, message: message, isLimit: true)
        }
        encodedProperties = header.encodedProperties
        remaining = size
        return takeWhole()
    }

    mutating func piece(_ bytes: ByteBuffer, channel: UInt16) throws(ProtocolViolation) -> Content? {
        guard encodedProperties != nil else {
            throw .unexpectedFrame("body without its header", channel: channel)
        }
        guard bytes.readableBytes <= remaining else {
            throw .unexpectedFrame("more body than the header announced", channel: channel)
        }
        remaining -= bytes.readableBytes
        if body.readableBytes == 0 {
            // The usual case, one piece, is never copied.
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
        return takeWhole()
    }

    private mutating func takeWhole() -> Content? {
        guard remaining == 0, let announcement = announcement.take(), let encodedProperties else { return nil }
        defer { reset() }
        return Content(announcement: announcement, encodedProperties: encodedProperties, body: body)
    }

    mutating func reset() {
        announcement = nil
        encodedProperties = nil
        body = ByteBuffer()
    }
}
