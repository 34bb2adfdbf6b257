public import NIOCore

extension AMQPBasicProperties {
    /// Reads property flags and list.
    ///
    /// A message with properties that can't be read still has to be settled, or the broker would deliver it for ever.
    /// So nothing here fails: text that is not UTF-8 costs that one property, a length past the end all from there on.
    public init(decoding encoded: ByteBuffer) {
        self.init()
        var reader = PropertyReader(encoded)
        contentType = reader.shortString("content-type", .contentType, often: "application/json")
        contentEncoding = reader.shortString("content-encoding", .contentEncoding)
        headers = reader.headers()
        deliveryMode = reader.integer("delivery-mode", .deliveryMode)
        priority = reader.integer("priority", .priority)
        correlationID = reader.shortString("correlation-id", .correlationID)
        replyTo = reader.shortString("reply-to", .replyTo)
        expiration = reader.shortString("expiration", .expiration)
        messageID = reader.shortString("message-id", .messageID)
        timestamp = reader.integer("timestamp", .timestamp)
        type = reader.shortString("type", .type)
        userID = reader.shortString("user-id", .userID)
        appID = reader.shortString("app-id", .appID)
        clusterID = reader.shortString("cluster-id", .clusterID)
        malformed = reader.finish()
    }
}

private struct PropertyReader {
    private var buffer: ByteBuffer
    private var flags: PropertyFlags
    private var malformed: [AMQPBasicProperties.Malformed] = []

    init(_ encoded: ByteBuffer) {
        buffer = encoded
        flags = []
        guard let bits = buffer.readInteger(as: UInt16.self) else {
            abandon(at: "properties", .truncated)
            return
        }
        flags = PropertyFlags(rawValue: bits)
        // Basic has 14 properties; the lowest bit announces flags of a fifteenth.
        if !flags.isSubset(of: .all) { abandon(at: "properties", .unknownPropertyFlags(bits)) }
    }

    /// - Parameter often: what it is, as a rule: a constant need not be made anew for each message.
    mutating func shortString(_ name: String, _ flag: PropertyFlags, often: String = "") -> String? {
        guard flags.contains(flag) else { return nil }
        guard let length = buffer.readInteger(as: UInt8.self), let bytes = buffer.readSlice(length: Int(length)) else {
            abandon(at: name, .truncated)
            return nil
        }
        if bytes.readableBytesUInt8Span.hasSameElements(as: often.utf8Span.span) { return often }
        let text = bytes.textIfValid(length: bytes.readableBytes)
        if text == nil { note(name, .notUTF8, bytes) }
        return text
    }

    mutating func headers() -> AMQPHeaders? {
        guard flags.contains(.headers) else { return nil }
        guard let length = buffer.readInteger(as: UInt32.self), length <= buffer.readableBytes,
            let bytes = buffer.readSlice(length: Int(length))
        else {
            abandon(at: "headers", .truncated)
            return nil
        }
        return AMQPHeaders(encoded: bytes)
    }

    mutating func integer<Value: FixedWidthInteger>(_ name: String, _ flag: PropertyFlags) -> Value? {
        guard flags.contains(flag) else { return nil }
        guard let value = buffer.readInteger(as: Value.self) else {
            abandon(at: name, .truncated)
            return nil
        }
        return value
    }

    mutating func finish() -> [AMQPBasicProperties.Malformed] {
        if buffer.readableBytes > 0 { abandon(at: "properties", .trailingBytes(buffer.readableBytes)) }
        return malformed
    }

    private mutating func note(_ name: String, _ reason: WireError, _ bytes: ByteBuffer) {
        malformed.append(AMQPBasicProperties.Malformed(name: name, reason: AMQPCodingError(reason), bytes: bytes))
    }

    /// What follows can't be told apart any more.
    private mutating func abandon(at name: String, _ reason: WireError) {
        note(name, reason, buffer)
        buffer.clear()
        flags = []
    }
}
