public import NIOCore

extension AMQPBasicProperties {
    /// Reads property flags and list.
    ///
    /// A message with properties that can't be read still has to be settled, or the broker would deliver it for ever.
    /// So nothing here fails: text that is not UTF-8 costs that one property, a length past the end all from there on.
    public init(decoding encoded: ByteBuffer) {
        let bytes = encoded.readableBytesUInt8Span
        var reader = PropertyReader(encoded, bytes)
        // In the order of the list.
        self.init(
            contentType: reader.shortString(bytes, "content-type", .contentType, often: "application/json"),
            contentEncoding: reader.shortString(bytes, "content-encoding", .contentEncoding),
            headers: reader.headers(bytes),
            deliveryMode: reader.integer(bytes, "delivery-mode", .deliveryMode),
            priority: reader.integer(bytes, "priority", .priority),
            correlationID: reader.shortString(bytes, "correlation-id", .correlationID),
            replyTo: reader.shortString(bytes, "reply-to", .replyTo),
            expiration: reader.shortString(bytes, "expiration", .expiration),
            messageID: reader.shortString(bytes, "message-id", .messageID),
            timestamp: reader.integer(bytes, "timestamp", .timestamp),
            type: reader.shortString(bytes, "type", .type),
            userID: reader.shortString(bytes, "user-id", .userID),
            appID: reader.shortString(bytes, "app-id", .appID),
            clusterID: reader.shortString(bytes, "cluster-id", .clusterID)
        )
        malformed = reader.finish()
    }
}

/// Reads the bytes, a span of which it is given each time, where they are: a slice of the buffer for each property, and
/// the checks of its storage, would cost more than reading it.
private struct PropertyReader {
    private let encoded: ByteBuffer
    /// Of the first byte that was not read, among those readable at first.
    private var offset = 0
    private var flags: PropertyFlags = []
    private var malformed: [AMQPBasicProperties.Malformed] = []

    init(_ encoded: ByteBuffer, _ bytes: Span<UInt8>) {
        self.encoded = encoded
        guard let bits: UInt16 = number(bytes) else {
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
        often: String = ""
    ) -> String? {
        guard flags.contains(flag) else { return nil }
        guard let length: UInt8 = number(bytes), let place = take(Int(length)) else {
            abandon(at: name, .truncated)
            return nil
        }
        let text = bytes.extracting(place)
        if text.hasSameElements(as: often.utf8Span.span) { return often }
        guard let text = try? UTF8Span(validating: text) else {
            note(name, .notUTF8, slice(place))
            return nil
        }
        return String(copying: text)
    }

    mutating func headers(_ bytes: Span<UInt8>) -> AMQPHeaders? {
        guard flags.contains(.headers) else { return nil }
        guard let length: UInt32 = number(bytes), let place = take(Int(length)) else {
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
        guard let value: Value = number(bytes) else {
            abandon(at: name, .truncated)
            return nil
        }
        return value
    }

    mutating func finish() -> [AMQPBasicProperties.Malformed] {
        let rest = encoded.readableBytes - offset
        if rest > 0 { abandon(at: "properties", .trailingBytes(rest)) }
        return malformed
    }

    /// The next bytes as a number, or nil where they are not there.
    private mutating func number<Value: FixedWidthInteger>(_ bytes: Span<UInt8>) -> Value? {
        take(MemoryLayout<Value>.size).map { bytes.integer(at: $0) }
    }

    /// Past the next bytes, or nil where they are not there.
    private mutating func take(_ count: Int) -> Range<Int>? {
        guard count <= encoded.readableBytes - offset else { return nil }
        defer { offset += count }
        return offset..<offset + count
    }

    private func slice(_ place: Range<Int>) -> ByteBuffer {
        encoded.getSlice(at: encoded.readerIndex + place.lowerBound, length: place.count) ?? ByteBuffer()
    }

    private mutating func note(_ name: String, _ reason: WireError, _ bytes: ByteBuffer) {
        malformed.append(AMQPBasicProperties.Malformed(name: name, reason: AMQPCodingError(reason), bytes: bytes))
    }

    /// What follows can't be told apart any more.
    private mutating func abandon(at name: String, _ reason: WireError) {
        note(name, reason, slice(offset..<encoded.readableBytes))
        offset = encoded.readableBytes
        flags = []
    }
}
