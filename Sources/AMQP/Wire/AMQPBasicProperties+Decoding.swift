public import NIOCore

extension AMQPBasicProperties {
    /// Reads property flags and list.
    ///
    /// A message with properties that can't be read still has to be settled, or the broker would deliver it for ever.
    /// So nothing here fails: text that is not UTF-8 costs that one property, a length past the end all from there on.
    public init(decoding encoded: ByteBuffer) {
        let bytes = encoded.readableBytesUInt8Span
        var reader = PropertyReader(encoded, bytes)
        contentType = reader.shortString(bytes, "content-type", .contentType, often: "application/json")
        contentEncoding = reader.shortString(bytes, "content-encoding", .contentEncoding)
        headers = reader.headers(bytes)
        deliveryMode = reader.integer(bytes, "delivery-mode", .deliveryMode).map(AMQPDeliveryMode.init)
        priority = reader.integer(bytes, "priority", .priority)
        correlationID = reader.shortString(bytes, "correlation-id", .correlationID)
        replyTo = reader.shortString(bytes, "reply-to", .replyTo)
        expiration = reader.shortString(bytes, "expiration", .expiration)
        messageID = reader.shortString(bytes, "message-id", .messageID)
        timestamp = reader.integer(bytes, "timestamp", .timestamp)
        type = reader.shortString(bytes, "type", .type)
        userID = reader.shortString(bytes, "user-id", .userID)
        appID = reader.shortString(bytes, "app-id", .appID)
        clusterID = reader.shortString(bytes, "cluster-id", .clusterID)
        malformed = reader.finish()
    }
}

/// Reads the properties one after the other, and notes what can't be read.
private struct PropertyReader {
    private let encoded: ByteBuffer
    private var cursor = FieldCursor()
    private var flags: PropertyFlags = []
    private var malformed: [AMQPBasicProperties.Malformed] = []

    /// - Parameter bytes: those of `encoded`, here and below.
    init(_ encoded: ByteBuffer, _ bytes: Span<UInt8>) {
        self.encoded = encoded
        guard let bits = try? cursor.short(bytes) else {
            abandon(at: "properties", .truncated)
            return
        }
        flags = PropertyFlags(rawValue: bits)
        // Basic has 14 properties; the lowest bit announces flags of a fifteenth.
        if !flags.isSubset(of: .all) { abandon(at: "properties", .unknownPropertyFlags(bits)) }
    }

    /// - Parameter often: what it is, as a rule: a constant need not be made anew for each message.
    mutating func shortString(
        _ bytes: Span<UInt8>,
        _ name: String,
        _ flag: PropertyFlags,
        often: String? = nil
    ) -> String? {
        guard flags.contains(flag) else { return nil }
        guard let place = try? cursor.shortstrPlace(bytes) else {
            abandon(at: name, .truncated)
            return nil
        }
        let text = bytes.extracting(place)
        if let often, text.hasSameElements(as: often.utf8Span.span) { return often }
        guard let text = try? UTF8Span(validating: text) else {
            note(name, .notUTF8, slice(place))
            return nil
        }
        return String(copying: text)
    }

    mutating func headers(_ bytes: Span<UInt8>) -> AMQPHeaders? {
        guard flags.contains(.headers) else { return nil }
        guard let place = try? cursor.longstrPlace(bytes) else {
            abandon(at: "headers", .truncated)
            return nil
        }
        return AMQPHeaders(encoded: slice(place))
    }

    mutating func integer<Value: FixedWidthInteger>(
        _ bytes: Span<UInt8>,
        _ name: String,
        _ flag: PropertyFlags
    ) -> Value? {
        guard flags.contains(flag) else { return nil }
        guard let value: Value = try? cursor.integer(bytes) else {
            abandon(at: name, .truncated)
            return nil
        }
        return value
    }

    mutating func finish() -> [AMQPBasicProperties.Malformed] {
        let rest = encoded.readableBytes - cursor.offset
        if rest > 0 { abandon(at: "properties", .trailingBytes(rest)) }
        return malformed
    }

    private func slice(_ place: Range<Int>) -> ByteBuffer {
        encoded.getSlice(at: encoded.readerIndex + place.lowerBound, length: place.count) ?? ByteBuffer()
    }

    private mutating func note(_ name: String, _ reason: WireError, _ bytes: ByteBuffer) {
        malformed.append(AMQPBasicProperties.Malformed(name: name, reason: AMQPCodingError(reason), bytes: bytes))
    }

    /// What follows can't be told apart any more.
    private mutating func abandon(at name: String, _ reason: WireError) {
        note(name, reason, slice(cursor.offset..<encoded.readableBytes))
        cursor.offset = encoded.readableBytes
        flags = []
    }
}
