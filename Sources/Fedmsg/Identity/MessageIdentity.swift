import COpenSSL

/// What makes two messages the same one: their id without its year, their topic, and the bytes of
/// their body.
public enum MessageIdentity {
    private static let separator: [UInt8] = [0]

    /// 6 bytes of a SHA-256 of the first two, then 10 of one of all three, so that nobody can make another message pass for this
    /// one, and that one with another body can be told.
    public static func digest(id: RawSpan, topic: RawSpan, body: RawSpan) -> (high: UInt64, low: UInt64) {
        var context = SHA256_CTX()
        SHA256_Init(&context)
        update(&context, hasYear(id) ? id.extracting(droppingFirst: 5) : id)
        update(&context, separator.span.bytes)
        update(&context, topic)
        update(&context, separator.span.bytes)
        let name = final(context).high
        update(&context, body)
        let all = final(context)
        return (name & ~0xffff | all.high & 0xffff, all.low)
    }

    /// Whether an id begins with a year and a dash, as fedmsg writes them (`2019-…`).
    public static func hasYear(_ id: RawSpan) -> Bool {
        guard id.byteCount >= 5, id.unsafeLoad(fromByteOffset: 4, as: UInt8.self) == UInt8(ascii: "-") else {
            return false
        }
        for offset in 0..<4 where !(0x30...0x39).contains(id.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) {
            return false
        }
        return true
    }

    private static func final(_ context: SHA256_CTX) -> (high: UInt64, low: UInt64) {
        var context = context
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var mutable = digest.mutableSpan
        mutable.withUnsafeMutableBufferPointer { buffer in _ = unsafe SHA256_Final(buffer.baseAddress, &context) }
        let bytes = digest.span.bytes
        return (bytes.unsafeLoad(as: UInt64.self), bytes.unsafeLoad(fromByteOffset: 8, as: UInt64.self))
    }

    private static func update(_ context: inout SHA256_CTX, _ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in _ = unsafe SHA256_Update(&context, bytes.baseAddress, bytes.count) }
    }
}
