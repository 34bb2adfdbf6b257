import Fedmsg
public import NIOCore

/// Writes the entries of an AMQP header table as they stand on the wire (AMQP 0-9-1, 4.2.5.5, with
/// RabbitMQ's field types), without a table of values in between.
public struct HeaderTableWriter: HeaderWriter {
    /// The two native headers before `sent-at`, encoded once.
    private static let beforeTime = {
        var writer = HeaderTableWriter(capacity: 96)
        writer.text(named: NativeHeaders.schema, NativeHeaders.baseSchema)
        writer.text(named: NativeHeaders.schemaPackage, NativeHeaders.basePackage)
        return writer.bytes
    }()

    /// The two behind it, with the priority 0.
    private static let behindTime = {
        var writer = HeaderTableWriter(capacity: 64)
        writer.int32(NativeHeaders.severity, NativeHeaders.infoSeverity)
        writer.int32(NativeHeaders.priority, 0)
        return writer.bytes
    }()

    /// What was written: entries, without the length that stands before a table.
    public private(set) var bytes = ByteBuffer()

    /// - Parameter capacity: bytes that are likely to be written.
    public init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// The five headers; more may be written behind them.
    public mutating func native(sentAt seconds: Int64?, priority: UInt8) {
        bytes.writeImmutableBuffer(Self.beforeTime)
        if let text = seconds.flatMap(SentAt.bytes) { self.text(NativeHeaders.sentAtKey, utf8: text.span.bytes) }
        bytes.writeImmutableBuffer(Self.behindTime)
        // The entry's value is its last byte: a priority has eight bits.
        if priority != 0 { bytes.setInteger(priority, at: bytes.writerIndex - 1) }
    }

    /// Text (`S`).
    public mutating func text(_ key: StaticString, utf8 value: RawSpan) {
        key.withUTF8Buffer { text($0.span.bytes, value) }
    }

    /// An integer of 64 bits (`l`).
    public mutating func int64(_ key: StaticString, _ value: Int64) {
        key.withUTF8Buffer { int64($0.span.bytes, value) }
    }

    /// A table (`F`), whose entries `body` writes.
    public mutating func table(_ key: StaticString, _ body: (inout HeaderTableWriter) -> Void) {
        key.withUTF8Buffer {
            entry($0.span.bytes, "F", valueSize: MemoryLayout<UInt32>.size) { $0.append(0, as: UInt32.self) }
        }
        let start = bytes.writerIndex
        body(&self)
        bytes.setInteger(UInt32(bytes.writerIndex - start), at: start - MemoryLayout<UInt32>.size)
    }

    /// Text (`S`).
    public mutating func text(named key: String, _ value: String) {
        text(key.utf8Span.span.bytes, value.utf8Span.span.bytes)
    }

    /// A boolean (`t`).
    public mutating func bool(named key: String, _ value: Bool) {
        entry(key.utf8Span.span.bytes, "t", valueSize: 1) { $0.append(value ? 1 : 0) }
    }

    /// An integer of 64 bits (`l`).
    public mutating func int64(named key: String, _ value: Int64) {
        int64(key.utf8Span.span.bytes, value)
    }

    private mutating func text(_ key: RawSpan, _ value: RawSpan) {
        entry(key, "S", valueSize: MemoryLayout<UInt32>.size + value.byteCount) { output in
            output.append(UInt32(value.byteCount).bigEndian, as: UInt32.self)
            output.append(contentsOf: value)
        }
    }

    /// An integer of 32 bits (`I`).
    private mutating func int32(_ key: String, _ value: Int32) {
        entry(key.utf8Span.span.bytes, "I", valueSize: MemoryLayout<Int32>.size) {
            $0.append(value.bigEndian, as: Int32.self)
        }
    }

    private mutating func int64(_ key: RawSpan, _ value: Int64) {
        entry(key, "l", valueSize: MemoryLayout<Int64>.size) { $0.append(value.bigEndian, as: Int64.self) }
    }

    /// One entry, into room that is asked for once.
    @inline(__always)
    private mutating func entry(
        _ key: RawSpan,
        _ type: Unicode.Scalar,
        valueSize: Int,
        _ value: (inout OutputRawSpan) -> Void
    ) {
        guard key.byteCount <= Self.keyByteLimit else { return }
        bytes.writeWithOutputRawSpan(minimumWritableBytes: 2 + key.byteCount + valueSize) { output in
            output.append(UInt8(key.byteCount))
            output.append(contentsOf: key)
            output.append(UInt8(ascii: type))
            value(&output)
        }
    }
}
