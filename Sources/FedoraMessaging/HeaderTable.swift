import Fedmsg

/// Headers as the entries of an AMQP table, as they stand on the wire behind its length (AMQP 0-9-1, 4.2.5.5, with
/// RabbitMQ's field types).
public enum HeaderTable: HeaderFormat {
    /// Bytes that the native headers take at most.
    public static let nativeSize =
        beforeTime.count + entrySize + NativeHeaders.sentAtKey.utf8CodeUnitCount + 25 + behindTime.count
    /// Bytes that an entry takes at most, besides its key and the bytes of a text.
    public static let entrySize = 10

    /// The two native headers before `sent-at`, encoded once.
    private static let beforeTime = encoded { output in
        text(named: NativeHeaders.schema, NativeHeaders.baseSchema, to: &output)
        text(named: NativeHeaders.schemaPackage, NativeHeaders.basePackage, to: &output)
    }

    /// The two behind it, with the priority 0.
    private static let behindTime = encoded { output in
        int32(NativeHeaders.severity, NativeHeaders.infoSeverity, to: &output)
        int32(NativeHeaders.priority, 0, to: &output)
    }

    private static func encoded(_ write: (inout OutputRawSpan) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(capacity: 128, write)
        return bytes
    }

    /// The five headers; more may be written behind them.
    public static func native(sentAt seconds: Int64?, priority: UInt8, to output: inout OutputRawSpan) {
        output.append(contentsOf: beforeTime.span.bytes)
        if let time = seconds.flatMap(SentAt.bytes) {
            text(NativeHeaders.sentAtKey, utf8: time.span.bytes, to: &output)
        }
        output.append(contentsOf: behindTime.span.bytes)
        guard priority != 0 else { return }
        // The entry's value is its last byte: a priority has eight bits.
        var bytes = output.mutableBytes
        bytes.storeBytes(of: priority, toByteOffset: bytes.byteCount - 1, as: UInt8.self)
    }

    /// Text (`S`).
    public static func text(_ key: StaticString, utf8 value: RawSpan, to output: inout OutputRawSpan) {
        key.withUTF8Buffer { text($0.span.bytes, value, to: &output) }
    }

    /// An integer of 64 bits (`l`).
    public static func int64(_ key: StaticString, _ value: Int64, to output: inout OutputRawSpan) {
        key.withUTF8Buffer { int64($0.span.bytes, value, to: &output) }
    }

    /// A table (`F`), whose entries `body` writes.
    public static func table(
        _ key: StaticString,
        to output: inout OutputRawSpan,
        _ body: (inout OutputRawSpan) -> Void
    ) {
        _ = key.withUTF8Buffer { begin($0.span.bytes, "F", to: &output) }
        output.append(0, as: UInt32.self)
        let start = output.byteCount
        body(&output)
        let size = UInt32(output.byteCount - start)
        var bytes = output.mutableBytes
        bytes.storeBytes(of: size.bigEndian, toByteOffset: start - MemoryLayout<UInt32>.size, as: UInt32.self)
    }

    /// Text (`S`).
    public static func text(named key: String, _ value: String, to output: inout OutputRawSpan) {
        text(key.utf8Span.span.bytes, value.utf8Span.span.bytes, to: &output)
    }

    /// A boolean (`t`).
    public static func bool(named key: String, _ value: Bool, to output: inout OutputRawSpan) {
        if begin(key.utf8Span.span.bytes, "t", to: &output) { output.append(value ? 1 : 0) }
    }

    /// An integer of 64 bits (`l`).
    public static func int64(named key: String, _ value: Int64, to output: inout OutputRawSpan) {
        int64(key.utf8Span.span.bytes, value, to: &output)
    }

    private static func text(_ key: RawSpan, _ value: RawSpan, to output: inout OutputRawSpan) {
        guard begin(key, "S", to: &output) else { return }
        output.append(UInt32(value.byteCount).bigEndian, as: UInt32.self)
        output.append(contentsOf: value)
    }

    /// An integer of 32 bits (`I`).
    private static func int32(_ key: String, _ value: Int32, to output: inout OutputRawSpan) {
        if begin(key.utf8Span.span.bytes, "I", to: &output) { output.append(value.bigEndian, as: Int32.self) }
    }

    private static func int64(_ key: RawSpan, _ value: Int64, to output: inout OutputRawSpan) {
        if begin(key, "l", to: &output) { output.append(value.bigEndian, as: Int64.self) }
    }

    /// Writes what stands before an entry's value.
    ///
    /// - Returns: false where the key is one that no entry can have; then nothing is written.
    @inline(__always)
    private static func begin(_ key: RawSpan, _ type: Unicode.Scalar, to output: inout OutputRawSpan) -> Bool {
        guard key.byteCount <= keyByteLimit else { return false }
        output.append(UInt8(key.byteCount))
        output.append(contentsOf: key)
        output.append(UInt8(ascii: type))
        return true
    }
}
