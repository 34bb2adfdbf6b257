import NIOCore

extension ByteBuffer {
    /// A table behind its length.
    mutating func readTable(limits: TableLimits = .standard) throws(WireError) -> AMQPTable {
        let entries = try readBytes(count: try readUInt32())
        return try AMQPTable(decoding: entries, limits: limits)
    }
}

extension AMQPTable {
    /// Reads entries to the end of `entries`, which holds nothing else.
    init(decoding entries: ByteBuffer, limits: TableLimits = .standard) throws(WireError) {
        var reader = FieldReader(limits: limits)
        self = try reader.table(entries)
    }

    /// Reads entries to the end of `entries`, keeping those with one of these keys. The others are checked as if they
    /// were read.
    init(decoding entries: ByteBuffer, only keys: [String]) throws(WireError) {
        var reader = FieldReader(limits: .standard)
        self = try reader.table(entries, only: keys)
    }
}

/// Reads fields, and counts levels and values on the way.
private struct FieldReader {
    let limits: TableLimits
    private var depth = 0
    private var fields = 0

    init(limits: TableLimits) {
        self.limits = limits
    }

    mutating func table(_ buffer: ByteBuffer) throws(WireError) -> AMQPTable {
        try descend()
        defer { depth -= 1 }
        var buffer = buffer
        var table = AMQPTable()
        while buffer.readableBytes > 0 {
            let key = try key(from: &buffer)
            table.entries.append(AMQPTable.Entry(key, try value(from: &buffer)))
        }
        return table
    }

    mutating func table(_ buffer: ByteBuffer, only keys: [String]) throws(WireError) -> AMQPTable {
        try descend()
        defer { depth -= 1 }
        var buffer = buffer
        var table = AMQPTable()
        while buffer.readableBytes > 0 {
            if let key = try key(of: keys, from: &buffer) {
                table.entries.append(AMQPTable.Entry(key, try value(from: &buffer)))
            } else {
                try skipValue(in: &buffer)
            }
        }
        return table
    }

    private mutating func array(_ buffer: ByteBuffer) throws(WireError) -> [AMQPFieldValue] {
        try descend()
        defer { depth -= 1 }
        var buffer = buffer
        var values: [AMQPFieldValue] = []
        while buffer.readableBytes > 0 {
            values.append(try value(from: &buffer))
        }
        return values
    }

    private mutating func descend() throws(WireError) {
        guard depth < limits.depth else { throw .tableTooDeep(limit: limits.depth) }
        depth += 1
    }

    private func key(from buffer: inout ByteBuffer) throws(WireError) -> String {
        let length = Int(try buffer.readUInt8())
        guard length <= buffer.readableBytes else { throw .truncated }
        guard let key = buffer.textIfValid(length: length) else { throw .keyNotUTF8 }
        buffer.moveReaderIndex(forwardBy: length)
        return key
    }

    /// Past a key, which is one of `keys`, or nil for another one.
    private func key(of keys: [String], from buffer: inout ByteBuffer) throws(WireError) -> String? {
        let length = Int(try buffer.readUInt8())
        guard length <= buffer.readableBytes else { throw .truncated }
        let found = try Self.found(buffer.readableBytesUInt8Span.extracting(first: length), in: keys)
        buffer.moveReaderIndex(forwardBy: length)
        return found
    }

    private static func found(_ bytes: Span<UInt8>, in keys: [String]) throws(WireError) -> String? {
        for key in keys where bytes.hasSameElements(as: key.utf8Span.span) { return key }
        guard (try? UTF8Span(validating: bytes)) != nil else { throw .keyNotUTF8 }
        return nil
    }

    /// Past a value, with every fault found that reading it would find.
    private mutating func skipValue(in buffer: inout ByteBuffer) throws(WireError) {
        guard fields < limits.fields else { throw .tooManyFields(limit: limits.fields) }
        let type = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self)
        let size: Int
        switch type.map(UnicodeScalar.init) {
        case "t", "b", "B": size = 1
        case "s", "U", "u": size = 2
        case "I", "i", "f": size = 4
        case "l", "L", "d", "T": size = 8
        case "S", "x":
            guard let length = buffer.getInteger(at: buffer.readerIndex + 1, as: UInt32.self) else { throw .truncated }
            size = 4 + Int(length)
        default:
            // What holds values, is rare or is wrong.
            _ = try value(from: &buffer)
            return
        }
        fields += 1
        guard 1 + size <= buffer.readableBytes else { throw .truncated }
        buffer.moveReaderIndex(forwardBy: 1 + size)
    }

    private mutating func value(from buffer: inout ByteBuffer) throws(WireError) -> AMQPFieldValue {
        guard fields < limits.fields else { throw .tooManyFields(limit: limits.fields) }
        fields += 1
        let type = try buffer.readUInt8()
        return switch UnicodeScalar(type) {
        case "t": .boolean(try buffer.readUInt8() != 0)
        case "b": .int8(Int8(bitPattern: try buffer.readUInt8()))
        case "B": .uint8(try buffer.readUInt8())
        case "s", "U": .int16(Int16(bitPattern: try buffer.readUInt16()))
        case "u": .uint16(try buffer.readUInt16())
        case "I": .int32(Int32(bitPattern: try buffer.readUInt32()))
        case "i": .uint32(try buffer.readUInt32())
        case "l", "L": .int64(Int64(bitPattern: try buffer.readUInt64()))
        case "f": .float(Float(bitPattern: try buffer.readUInt32()))
        case "d": .double(Double(bitPattern: try buffer.readUInt64()))
        case "D": .decimal(scale: try buffer.readUInt8(), value: Int32(bitPattern: try buffer.readUInt32()))
        case "S": longString(try buffer.readBytes(count: try buffer.readUInt32()))
        case "x": .bytes(Array(buffer: try buffer.readBytes(count: try buffer.readUInt32())))
        case "T": .timestamp(try buffer.readUInt64())
        case "A": .array(try array(try buffer.readBytes(count: try buffer.readUInt32())))
        case "F": .table(try table(try buffer.readBytes(count: try buffer.readUInt32())))
        case "V": .void
        default: throw .unknownFieldType(type)
        }
    }

    private func longString(_ bytes: ByteBuffer) -> AMQPFieldValue {
        if let text = bytes.textIfValid(length: bytes.readableBytes) {
            .longString(text)
        } else {
            .longStringBytes(Array(buffer: bytes))
        }
    }
}

extension Span<UInt8> {
    func hasSameElements(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
