import NIOCore

extension ByteBuffer {
    /// Bits that share an octet, the first one lowest.
    mutating func writeBits(
        _ first: Bool,
        _ second: Bool = false,
        _ third: Bool = false,
        _ fourth: Bool = false,
        _ fifth: Bool = false
    ) {
        writeInteger(
            (first ? 1 : 0) | (second ? 2 : 0) | (third ? 4 : 0) | (fourth ? 8 : 0) | (fifth ? 16 : 0) as UInt8
        )
    }

    mutating func writeShortString(_ text: String) throws(WireError) {
        let size = try text.shortStringSize()
        writeWithOutputRawSpan(minimumWritableBytes: size) { $0.appendShortString(text) }
    }

    mutating func writeLongString(_ string: LongString) throws(WireError) {
        writeInteger(try UInt32(checkedLength: string.bytes.count))
        writeBytes(string.bytes)
    }

    /// A table behind its length.
    mutating func writeTable(_ table: AMQPTable) throws(WireError) {
        let size = try table.encodedSize()
        _ = try UInt32(checkedLength: size)
        writeWithOutputRawSpan(minimumWritableBytes: size) { $0.appendTable(table) }
    }

    /// An entry, as it is inside a table.
    mutating func writeEntry(_ entry: AMQPTable.Entry) throws(WireError) {
        let size = try entry.encodedSize(depth: 1)
        _ = try UInt32(checkedLength: size)
        writeWithOutputRawSpan(minimumWritableBytes: size) { $0.appendEntry(entry) }
    }
}

extension UInt32 {
    /// A length that fits the 32 bits that lengths have.
    init(checkedLength length: Int) throws(WireError) {
        guard let value = UInt32(exactly: length) else { throw .longStringTooLong(length: length) }
        self = value
    }
}
