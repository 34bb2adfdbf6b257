import Fedmsg

/// Headers as members of a JSON object, the same that a header table of theirs would have.
///
/// They go behind the object's opening brace, or behind members.
public enum HeaderObject: HeaderFormat {
    /// The native headers around the time.
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
    public static func native(sentAt seconds: Int64?, priority: UInt8, to output: inout OutputRawSpan) {
        output.append(contentsOf: beforeTime.span.bytes)
        if let time = seconds.flatMap(SentAt.bytes) {
            output.member(NativeHeaders.sentAtKey)
            output.append(UInt8(ascii: "\""))
            output.append(contentsOf: time.span.bytes)
            output.append(UInt8(ascii: "\""))
        }
        output.append(contentsOf: behindTime.span.bytes)
        output.append(decimal: Int64(priority))
    }

    /// Text, escaped as Python does it.
    public static func text(_ key: StaticString, utf8 value: RawSpan, to output: inout OutputRawSpan) {
        output.member(key)
        output.appendString(value)
    }

    /// An integer in decimal.
    public static func int64(_ key: StaticString, _ value: Int64, to output: inout OutputRawSpan) {
        output.member(key)
        output.append(decimal: value)
    }

    /// An object, whose members `body` writes.
    public static func table(
        _ key: StaticString,
        to output: inout OutputRawSpan,
        _ body: (inout OutputRawSpan) -> Void
    ) {
        output.member(key)
        output.append(UInt8(ascii: "{"))
        body(&output)
        output.append(UInt8(ascii: "}"))
    }

    /// Text, escaped as Python does it.
    public static func text(named key: String, _ value: String, to output: inout OutputRawSpan) {
        if output.member(named: key) { output.appendString(value.utf8Span.span.bytes) }
    }

    /// `true` or `false`.
    public static func bool(named key: String, _ value: Bool, to output: inout OutputRawSpan) {
        if output.member(named: key) { output.append(value ? "true" : "false") }
    }

    /// An integer in decimal.
    public static func int64(named key: String, _ value: Int64, to output: inout OutputRawSpan) {
        if output.member(named: key) { output.append(decimal: value) }
    }
}

extension OutputRawSpan {
    /// No value ends with an opening brace.
    private var isFirst: Bool { bytes.unsafeLoad(fromByteOffset: byteCount - 1, as: UInt8.self) == UInt8(ascii: "{") }

    /// What stands before a member's value.
    fileprivate mutating func member(_ key: StaticString) {
        let comma = isFirst ? 0 : 1
        let added = comma + 3 + key.utf8CodeUnitCount
        withUnsafeMutableBytes { buffer, count in
            // Nothing below looks at the room in a release build.
            precondition(added <= buffer.count - count)
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
    fileprivate mutating func member(named key: String) -> Bool {
        let name = key.utf8Span.span.bytes
        guard name.byteCount <= HeaderObject.keyByteLimit else { return false }
        if !isFirst { append(UInt8(ascii: ",")) }
        appendString(name)
        append(UInt8(ascii: ":"))
        return true
    }
}
