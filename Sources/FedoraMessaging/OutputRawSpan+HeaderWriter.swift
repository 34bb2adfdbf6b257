import Fedmsg

/// Headers as members of a JSON object, the same that a header table of theirs would have.
///
/// What is written goes behind the object's opening brace, or behind members, into room that was asked for; less traps.
extension OutputRawSpan: HeaderWriter {
    /// The native headers around the time, as JSON.
    private static let beforeTime = Array(
        """
        "\(NativeHeaders.schema)":"\(NativeHeaders.baseSchema)",\
        "\(NativeHeaders.schemaPackage)":"\(NativeHeaders.basePackage)"
        """.utf8
    )
    private static let behindTime = Array(
        #","\#(NativeHeaders.severity)":\#(NativeHeaders.infoSeverity),"\#(NativeHeaders.priority)":"#.utf8
    )

    /// The five headers; more may be written behind them.
    public mutating func native(sentAt seconds: Int64?, priority: UInt8) {
        append(contentsOf: Self.beforeTime.span.bytes)
        if let time = seconds.flatMap(SentAt.bytes) {
            member(NativeHeaders.sentAtKey)
            append(UInt8(ascii: "\""))
            append(contentsOf: time.span.bytes)
            append(UInt8(ascii: "\""))
        }
        append(contentsOf: Self.behindTime.span.bytes)
        append(decimal: Int64(priority))
    }

    /// Text, escaped as Python does it.
    public mutating func text(_ key: StaticString, utf8 value: RawSpan) {
        member(key)
        appendString(value)
    }

    /// An integer in decimal.
    public mutating func int64(_ key: StaticString, _ value: Int64) {
        member(key)
        append(decimal: value)
    }

    /// An object, whose members `body` writes.
    public mutating func table(_ key: StaticString, _ body: (inout OutputRawSpan) -> Void) {
        member(key)
        append(UInt8(ascii: "{"))
        body(&self)
        append(UInt8(ascii: "}"))
    }

    /// Text, escaped as Python does it.
    public mutating func text(named key: String, _ value: String) {
        if member(named: key) { appendString(value.utf8Span.span.bytes) }
    }

    /// `true` or `false`.
    public mutating func bool(named key: String, _ value: Bool) {
        if member(named: key) { append(value ? "true" : "false") }
    }

    /// An integer in decimal.
    public mutating func int64(named key: String, _ value: Int64) {
        if member(named: key) { append(decimal: value) }
    }

    /// No value ends with an opening brace.
    private var isFirst: Bool { bytes.unsafeLoad(fromByteOffset: byteCount - 1, as: UInt8.self) == UInt8(ascii: "{") }

    /// What stands before a member's value.
    private mutating func member(_ key: StaticString) {
        let comma = isFirst ? 0 : 1
        let added = comma + 3 + key.utf8CodeUnitCount
        withUnsafeMutableBytes { buffer, count in
            // Slicing traps where the room is too small.
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + added])
            unsafe room[0] = UInt8(ascii: ",")
            unsafe room[comma] = UInt8(ascii: "\"")
            let name = UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[(comma + 1)...]).copyMemory(from: name)
            unsafe room[added - 2] = UInt8(ascii: "\"")
            unsafe room[added - 1] = UInt8(ascii: ":")
            count += added
        }
    }

    /// - Returns: false where the key is one that no header can have; then nothing is written.
    private mutating func member(named key: String) -> Bool {
        let name = key.utf8Span.span.bytes
        guard name.byteCount <= Self.keyByteLimit else { return false }
        if !isFirst { append(UInt8(ascii: ",")) }
        appendString(name)
        append(UInt8(ascii: ":"))
        return true
    }
}
