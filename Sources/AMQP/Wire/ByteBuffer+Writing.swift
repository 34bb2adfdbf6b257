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
        let length = text.utf8.count
        guard let prefix = UInt8(exactly: length) else { throw .shortStringTooLong(length: length) }
        writeInteger(prefix)
        writeString(text)
    }

    mutating func writeLongString(_ string: LongString) throws(WireError) {
        guard let prefix = UInt32(exactly: string.bytes.count) else {
            throw .longStringTooLong(length: string.bytes.count)
        }
        writeInteger(prefix)
        writeBytes(string.bytes)
    }

    /// A table behind its length.
    mutating func writeTable(_ table: AMQPTable) throws(WireError) {
        try writeTable(table, depth: 0)
    }

    /// Entries without the length before them, as the inside of a table.
    mutating func writeEntry(_ entry: AMQPTable.Entry) throws(WireError) {
        try writeEntry(entry, depth: 1)
    }

    private mutating func writeTable(_ table: AMQPTable, depth: Int) throws(WireError) {
        guard depth < TableLimits.standard.depth else { throw .tableTooDeep(limit: TableLimits.standard.depth) }
        let start = reserveLength()
        for entry in table.entries {
            try writeEntry(entry, depth: depth + 1)
        }
        try setLength(at: start)
    }

    private mutating func writeArray(_ values: [AMQPFieldValue], depth: Int) throws(WireError) {
        guard depth < TableLimits.standard.depth else { throw .tableTooDeep(limit: TableLimits.standard.depth) }
        let start = reserveLength()
        for value in values {
            try writeValue(value, depth: depth + 1)
        }
        try setLength(at: start)
    }

    private mutating func writeEntry(_ entry: AMQPTable.Entry, depth: Int) throws(WireError) {
        try writeShortString(entry.key)
        try writeValue(entry.value, depth: depth)
    }

    private mutating func writeValue(_ value: AMQPFieldValue, depth: Int) throws(WireError) {
        switch value {
        case .boolean(let value): write("t", value ? 1 as UInt8 : 0)
        case .int8(let value): write("b", value)
        case .uint8(let value): write("B", value)
        case .int16(let value): write("s", value)
        case .uint16(let value): write("u", value)
        case .int32(let value): write("I", value)
        case .uint32(let value): write("i", value)
        case .int64(let value): write("l", value)
        case .uint64(let value):
            guard let signed = Int64(exactly: value) else { throw .unsignedTooLarge(value) }
            write("l", signed)
        case .float(let value): write("f", value.bitPattern)
        case .double(let value): write("d", value.bitPattern)
        case .decimal(let scale, let value):
            write("D", scale)
            writeInteger(value)
        case .longString(let text):
            let length = text.utf8.count
            guard let prefix = UInt32(exactly: length) else { throw .longStringTooLong(length: length) }
            write("S", prefix)
            writeString(text)
        case .longStringBytes(let bytes): try writeBytes("S", bytes)
        case .bytes(let bytes): try writeBytes("x", bytes)
        case .timestamp(let seconds): write("T", seconds)
        case .array(let values):
            writeType("A")
            try writeArray(values, depth: depth)
        case .table(let table):
            writeType("F")
            try writeTable(table, depth: depth)
        case .void: writeType("V")
        }
    }

    private mutating func writeType(_ type: UnicodeScalar) {
        writeInteger(UInt8(ascii: type))
    }

    private mutating func write(_ type: UnicodeScalar, _ value: some FixedWidthInteger) {
        writeType(type)
        writeInteger(value)
    }

    private mutating func writeBytes(_ type: UnicodeScalar, _ bytes: [UInt8]) throws(WireError) {
        writeType(type)
        try writeLongString(LongString(bytes: bytes))
    }

    private mutating func reserveLength() -> Int {
        writeInteger(0 as UInt32)
        return writerIndex
    }

    private mutating func setLength(at start: Int) throws(WireError) {
        let length = writerIndex - start
        guard let prefix = UInt32(exactly: length) else { throw .longStringTooLong(length: length) }
        setInteger(prefix, at: start - MemoryLayout<UInt32>.size)
    }
}
