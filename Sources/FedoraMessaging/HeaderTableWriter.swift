public import NIOCore

/// Writes the entries of an AMQP header table as they stand on the wire (AMQP 0-9-1, 4.2.5.5, with
/// RabbitMQ's field types), without a table of values in between.
///
/// A key that is longer than 255 bytes can't be written and is left out.
public struct HeaderTableWriter {
    /// What was written: entries, without the length that stands before a table.
    public private(set) var bytes: ByteBuffer

    /// Writes behind what `bytes` holds.
    public init(_ bytes: ByteBuffer = ByteBuffer()) {
        self.bytes = bytes
    }

    /// Text (`S`).
    public mutating func text(_ key: some StringProtocol, _ value: some StringProtocol) {
        text(key, utf8: value.utf8)
    }

    /// Text (`S`) that is there as UTF-8.
    public mutating func text(_ key: some StringProtocol, utf8 value: some Collection<UInt8>) {
        guard begin(key, "S") else { return }
        bytes.writeInteger(UInt32(value.count))
        bytes.writeBytes(value)
    }

    /// A boolean (`t`).
    public mutating func bool(_ key: some StringProtocol, _ value: Bool) {
        guard begin(key, "t") else { return }
        bytes.writeInteger(value ? 1 : 0, as: UInt8.self)
    }

    /// An integer of 32 bits (`I`).
    public mutating func int32(_ key: some StringProtocol, _ value: Int32) {
        guard begin(key, "I") else { return }
        bytes.writeInteger(value)
    }

    /// An integer of 64 bits (`l`).
    public mutating func int64(_ key: some StringProtocol, _ value: Int64) {
        guard begin(key, "l") else { return }
        bytes.writeInteger(value)
    }

    /// A table (`F`), whose entries `body` writes.
    public mutating func table(_ key: some StringProtocol, _ body: (inout HeaderTableWriter) -> Void) {
        guard begin(key, "F") else { return }
        let place = bytes.writerIndex
        bytes.writeInteger(0, as: UInt32.self)
        body(&self)
        bytes.setInteger(UInt32(bytes.writerIndex - place - 4), at: place)
    }

    /// Entries that are encoded already.
    mutating func append(_ entries: ByteBuffer) {
        bytes.writeImmutableBuffer(entries)
    }

    private mutating func begin(_ key: some StringProtocol, _ type: Unicode.Scalar) -> Bool {
        let length = key.utf8.count
        guard length <= 255 else { return false }
        bytes.writeInteger(UInt8(length))
        bytes.writeString(String(key))
        bytes.writeInteger(UInt8(ascii: type))
        return true
    }
}
