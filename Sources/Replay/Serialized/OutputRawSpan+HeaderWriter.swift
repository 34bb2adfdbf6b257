import Fedmsg
public import FedoraMessaging

/// Headers as members of a JSON object, the same that a header table of theirs would have: what is written goes behind
/// the object's opening brace, or behind members, into room that was asked for.
extension OutputRawSpan: HeaderWriter {
    /// The native headers around `sent-at`, written once.
    private static let schema = members {
        $0.text(NativeHeaders.schema, NativeHeaders.baseSchema)
        $0.text(NativeHeaders.schemaPackage, NativeHeaders.basePackage)
    }
    private static let severity = members {
        $0.int64(NativeHeaders.severity, Int64(NativeHeaders.infoSeverity))
        $0.member(NativeHeaders.priority)
    }

    public mutating func native(sentAt seconds: Int64?, priority: UInt8) {
        append(contentsOf: Self.schema.span.bytes)
        if let text = seconds.flatMap(SentAt.bytes) { self.text(NativeHeaders.sentAt, utf8: text.span.bytes) }
        append(UInt8(ascii: ","))
        append(contentsOf: Self.severity.span.bytes)
        append(decimal: Int64(priority))
    }

    public mutating func text(_ key: String, utf8 value: RawSpan) {
        if member(key) { appendString(value) }
    }

    public mutating func bool(_ key: String, _ value: Bool) {
        if member(key) { append(value ? "true" : "false") }
    }

    public mutating func int64(_ key: String, _ value: Int64) {
        if member(key) { append(decimal: value) }
    }

    public mutating func table(_ key: String, _ body: (inout OutputRawSpan) -> Void) {
        guard member(key) else { return }
        append(UInt8(ascii: "{"))
        body(&self)
        append(UInt8(ascii: "}"))
    }

    /// What stands before a member's value.
    ///
    /// - Returns: false where the key is one that no header can have.
    @discardableResult
    private mutating func member(_ key: String) -> Bool {
        let name = key.utf8Span.span.bytes
        guard name.byteCount <= Self.keyByteLimit else { return false }
        // No value ends with an opening brace.
        let last = bytes.unsafeLoad(fromByteOffset: byteCount - 1, as: UInt8.self)
        if last != UInt8(ascii: "{") { append(UInt8(ascii: ",")) }
        appendString(name)
        append(UInt8(ascii: ":"))
        return true
    }

    /// What a closure writes as the first members of an object.
    private static func members(_ write: (inout OutputRawSpan) -> Void) -> [UInt8] {
        var object: [UInt8] = []
        object.append(capacity: 256) {
            $0.append(UInt8(ascii: "{"))
            write(&$0)
        }
        return Array(object.dropFirst())
    }
}
