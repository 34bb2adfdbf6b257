import Fedmsg
public import NIOCore

/// Writes the entries of an AMQP header table as they stand on the wire (AMQP 0-9-1, 4.2.5.5, with
/// RabbitMQ's field types), without a table of values in between.
public struct HeaderTableWriter: HeaderWriter {
    /// The native headers, encoded once, with the priority 0: without `sent-at`, and with the time that it has to be
    /// replaced by at `timeOffset`.
    private static let native = (timeless: encodedNative(nil).bytes, timed: encodedNative(0).bytes)
    private static let timeOffset = encodedNative(0).timeOffset

    private static func encodedNative(_ seconds: Int64?) -> (bytes: ByteBuffer, timeOffset: Int) {
        var writer = HeaderTableWriter(capacity: 160)
        writer.text(NativeHeaders.schema, NativeHeaders.baseSchema)
        writer.text(NativeHeaders.schemaPackage, NativeHeaders.basePackage)
        let text = seconds.flatMap(SentAt.bytes)
        if let text { writer.text(NativeHeaders.sentAt, utf8: text.span.bytes) }
        let timeOffset = writer.bytes.writerIndex - (text?.count ?? 0)
        writer.int32(NativeHeaders.severity, NativeHeaders.infoSeverity)
        writer.int32(NativeHeaders.priority, 0)
        return (writer.bytes, timeOffset)
    }

    /// What was written: entries, without the length that stands before a table.
    public private(set) var bytes = ByteBuffer()

    /// - Parameter capacity: bytes that are likely to be written.
    public init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// The five headers; more may be written behind them.
    public mutating func native(sentAt seconds: Int64?, priority: UInt8) {
        if let text = seconds.flatMap(SentAt.bytes) {
            let start = bytes.writerIndex + Self.timeOffset
            bytes.writeImmutableBuffer(Self.native.timed)
            text.span.bytes.withUnsafeBytes { _ = unsafe bytes.setBytes($0, at: start) }
        } else {
            bytes.writeImmutableBuffer(Self.native.timeless)
        }
        // The entry's value is its last byte: a priority has eight bits.
        if priority != 0 { bytes.setInteger(priority, at: bytes.writerIndex - 1) }
    }

    /// Text (`S`).
    public mutating func text(_ key: String, utf8 value: RawSpan) {
        entry(key, "S", valueSize: MemoryLayout<UInt32>.size + value.byteCount) { output in
            output.append(UInt32(value.byteCount).bigEndian, as: UInt32.self)
            output.append(contentsOf: value)
        }
    }

    /// A boolean (`t`).
    public mutating func bool(_ key: String, _ value: Bool) {
        entry(key, "t", valueSize: 1) { $0.append(value ? 1 : 0) }
    }

    /// An integer of 32 bits (`I`).
    public mutating func int32(_ key: String, _ value: Int32) {
        entry(key, "I", valueSize: MemoryLayout<Int32>.size) { $0.append(value.bigEndian, as: Int32.self) }
    }

    /// An integer of 64 bits (`l`).
    public mutating func int64(_ key: String, _ value: Int64) {
        entry(key, "l", valueSize: MemoryLayout<Int64>.size) { $0.append(value.bigEndian, as: Int64.self) }
    }

    /// A table (`F`), whose entries `body` writes.
    public mutating func table(_ key: String, _ body: (inout HeaderTableWriter) -> Void) {
        guard key.utf8.count <= Self.keyByteLimit else { return }
        entry(key, "F", valueSize: MemoryLayout<UInt32>.size) { $0.append(0, as: UInt32.self) }
        let start = bytes.writerIndex
        body(&self)
        bytes.setInteger(UInt32(bytes.writerIndex - start), at: start - MemoryLayout<UInt32>.size)
    }

    /// One entry, into room that is asked for once.
    @inline(__always)
    private mutating func entry(
        _ key: String,
        _ type: Unicode.Scalar,
        valueSize: Int,
        _ value: (inout OutputRawSpan) -> Void
    ) {
        let name = key.utf8Span.span.bytes
        guard name.byteCount <= Self.keyByteLimit else { return }
        bytes.writeWithOutputRawSpan(minimumWritableBytes: 2 + name.byteCount + valueSize) { output in
            output.append(UInt8(name.byteCount))
            output.append(contentsOf: name)
            output.append(UInt8(ascii: type))
            value(&output)
        }
    }
}
