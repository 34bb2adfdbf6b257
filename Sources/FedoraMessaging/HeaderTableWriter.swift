public import NIOCore

/// Writes the entries of an AMQP header table as they stand on the wire (AMQP 0-9-1, 4.2.5.5, with
/// RabbitMQ's field types), without a table of values in between.
public struct HeaderTableWriter: HeaderWriter {
    /// The two native headers before `sent-at`, encoded once.
    private static let beforeTime = {
        var writer = HeaderTableWriter(capacity: 96)
        writer.text(NativeHeaders.schema, NativeHeaders.baseSchema)
        writer.text(NativeHeaders.schemaPackage, NativeHeaders.basePackage)
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
        if let text = seconds.flatMap(SentAt.bytes) { self.text(NativeHeaders.sentAt, utf8: text.span.bytes) }
        int32(NativeHeaders.severity, NativeHeaders.infoSeverity)
        int32(NativeHeaders.priority, Int32(priority))
    }

    /// Text (`S`).
    public mutating func text(_ key: String, utf8 value: RawSpan) {
        guard begin(key, "S") else { return }
        bytes.writeInteger(UInt32(value.byteCount))
        value.withUnsafeBytes { _ = unsafe bytes.writeBytes($0) }
    }

    /// A boolean (`t`).
    public mutating func bool(_ key: String, _ value: Bool) {
        guard begin(key, "t") else { return }
        bytes.writeInteger(value ? 1 : 0, as: UInt8.self)
    }

    /// An integer of 32 bits (`I`).
    public mutating func int32(_ key: String, _ value: Int32) {
        guard begin(key, "I") else { return }
        bytes.writeInteger(value)
    }

    /// An integer of 64 bits (`l`).
    public mutating func int64(_ key: String, _ value: Int64) {
        guard begin(key, "l") else { return }
        bytes.writeInteger(value)
    }

    /// A table (`F`), whose entries `body` writes.
    public mutating func table(_ key: String, _ body: (inout HeaderTableWriter) -> Void) {
        guard begin(key, "F") else { return }
        let place = bytes.writerIndex
        bytes.writeInteger(0, as: UInt32.self)
        body(&self)
        bytes.setInteger(UInt32(bytes.writerIndex - place - 4), at: place)
    }

    private mutating func begin(_ key: String, _ type: Unicode.Scalar) -> Bool {
        let length = key.utf8.count
        guard length <= Self.keyByteLimit else { return false }
        bytes.writeInteger(UInt8(length))
        bytes.writeString(key)
        bytes.writeInteger(UInt8(ascii: type))
        return true
    }
}
