import COpenSSL

/// UUIDs made from names (RFC 4122, version 5): the same message always gets the same id.
public enum NameUUID {
    /// The namespace of fedmsgs that came without a `msg_id`: 5ad78999-be89-5ebc-b367-64a381777c15.
    private static let fedmsgNamespace: [UInt8] = [
        0x5a, 0xd7, 0x89, 0x99, 0xbe, 0x89, 0x5e, 0xbc, 0xb3, 0x67, 0x64, 0xa3, 0x81, 0x77, 0x7c, 0x15,
    ]

    private static let separator: [UInt8] = [0]

    /// The id of a fedmsg that has none: the UUID of its topic, one zero byte, and its envelope's bytes.
    ///
    /// - Returns: the UUID in lower case, without a year.
    public static func fedmsg(topic: RawSpan, envelope: RawSpan) -> String {
        var context = SHA_CTX()
        SHA1_Init(&context)
        update(&context, fedmsgNamespace.span.bytes)
        update(&context, topic)
        update(&context, separator.span.bytes)
        update(&context, envelope)
        var digest = InlineArray<20, UInt8>(repeating: 0)
        var bytes = digest.mutableSpan
        bytes.withUnsafeMutableBufferPointer { buffer in _ = unsafe SHA1_Final(buffer.baseAddress, &context) }
        digest[6] = digest[6] & 0x0f | 0x50
        digest[8] = digest[8] & 0x3f | 0x80
        return text(digest)
    }

    private static func update(_ context: inout SHA_CTX, _ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in _ = unsafe SHA1_Update(&context, bytes.baseAddress, bytes.count) }
    }

    /// The text of the first 16 bytes.
    private static func text(_ bytes: InlineArray<20, UInt8>) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var place = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    buffer[place] = UInt8(ascii: "-")
                    place += 1
                }
                buffer[place] = digit(bytes[index] >> 4)
                buffer[place + 1] = digit(bytes[index] & 15)
                place += 2
            }
            return place
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }
}
