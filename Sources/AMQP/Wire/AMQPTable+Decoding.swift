import NIOCore

extension ByteBuffer {
    /// The 64-bit integer of the last entry with this key, where these are a table's entries. The others are passed
    /// over unread, whatever is wrong within them; nil where that can't be, or there is none.
    func lastInt64(ofEntry wanted: String) -> Int64? {
        let bytes = readableBytesUInt8Span
        var offset = 0
        var found: Int64?
        while offset < bytes.count {
            let keyEnd = offset + 1 + Int(bytes[offset])
            guard keyEnd <= bytes.count, let size = bytes.extracting(keyEnd...).fieldSize else { return nil }
            let isInteger = size == 9 && bytes[keyEnd] == UInt8(ascii: "l")
            if isInteger, bytes.extracting(offset + 1..<keyEnd).hasSameElements(as: wanted.utf8Span.span) {
                found = bytes.integer(at: keyEnd + 1..<keyEnd + 9)
            }
            offset = keyEnd + size
        }
        return found
    }
}

extension AMQPTable {
    /// Reads entries to the end of `entries`, which holds nothing else.
    init(decoding entries: Span<UInt8>, limits: TableLimits = .standard) throws(WireError) {
        var reader = FieldReader(limits: limits)
        self = try reader.table(entries)
    }

    /// Reads entries to the end of `entries`, keeping those with one of these keys. The others are checked as if they
    /// were read.
    init(decoding entries: Span<UInt8>, only keys: [String]) throws(WireError) {
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

    mutating func table(_ bytes: Span<UInt8>) throws(WireError) -> AMQPTable {
        try descend()
        defer { depth -= 1 }
        var cursor = FieldCursor()
        var table = AMQPTable()
        while cursor.offset < bytes.count {
            let key = bytes.extracting(try cursor.shortstrPlace(bytes))
            guard let key = try? UTF8Span(validating: key) else { throw .keyNotUTF8 }
            table.entries.append(AMQPTable.Entry(String(copying: key), try value(bytes, at: &cursor)))
        }
        return table
    }

    /// Keeps the entries with one of `keys`, and finds every fault of the others that reading them would find.
    mutating func table(_ bytes: Span<UInt8>, only keys: [String]) throws(WireError) -> AMQPTable {
        try descend()
        defer { depth -= 1 }
        var cursor = FieldCursor()
        var table = AMQPTable()
        while cursor.offset < bytes.count {
            let key = try Self.found(bytes.extracting(try cursor.shortstrPlace(bytes)), in: keys)
            if let key {
                table.entries.append(AMQPTable.Entry(key, try value(bytes, at: &cursor)))
            } else if let size = try skippedSize(bytes.extracting(cursor.offset...)) {
                _ = try cursor.next(size, of: bytes)
            } else {
                _ = try value(bytes, at: &cursor)
            }
        }
        return table
    }

    private mutating func array(_ bytes: Span<UInt8>) throws(WireError) -> [AMQPFieldValue] {
        try descend()
        defer { depth -= 1 }
        var cursor = FieldCursor()
        var values: [AMQPFieldValue] = []
        while cursor.offset < bytes.count { values.append(try value(bytes, at: &cursor)) }
        return values
    }

    private mutating func descend() throws(WireError) {
        guard depth < limits.depth else { throw .tableTooDeep(limit: limits.depth) }
        depth += 1
    }

    private static func found(_ bytes: Span<UInt8>, in keys: [String]) throws(WireError) -> String? {
        for key in keys where bytes.hasSameElements(as: key.utf8Span.span) { return key }
        guard (try? UTF8Span(validating: bytes)) != nil else { throw .keyNotUTF8 }
        return nil
    }

    /// Counts a value that can be passed over, and says how many bytes it has; nil where it has to be read: it holds
    /// values or is wrong.
    private mutating func skippedSize(_ bytes: Span<UInt8>) throws(WireError) -> Int? {
        guard fields < limits.fields else { throw .tooManyFields(limit: limits.fields) }
        guard let size = bytes.fieldSize, bytes[0] != UInt8(ascii: "A"), bytes[0] != UInt8(ascii: "F") else {
            return nil
        }
        fields += 1
        return size
    }

    private mutating func value(_ bytes: Span<UInt8>, at cursor: inout FieldCursor) throws(WireError) -> AMQPFieldValue
    {
        guard fields < limits.fields else { throw .tooManyFields(limit: limits.fields) }
        fields += 1
        let type = try cursor.octet(bytes)
        return switch UnicodeScalar(type) {
        case "t": .boolean(try cursor.octet(bytes) != 0)
        case "b": .int8(Int8(bitPattern: try cursor.octet(bytes)))
        case "B": .uint8(try cursor.octet(bytes))
        case "s", "U": .int16(Int16(bitPattern: try cursor.short(bytes)))
        case "u": .uint16(try cursor.short(bytes))
        case "I": .int32(Int32(bitPattern: try cursor.long(bytes)))
        case "i": .uint32(try cursor.long(bytes))
        case "l", "L": .int64(Int64(bitPattern: try cursor.longlong(bytes)))
        case "f": .float(Float(bitPattern: try cursor.long(bytes)))
        case "d": .double(Double(bitPattern: try cursor.longlong(bytes)))
        case "D": .decimal(scale: try cursor.octet(bytes), value: Int32(bitPattern: try cursor.long(bytes)))
        case "S": longString(bytes.extracting(try cursor.longstrPlace(bytes)))
        case "x": .bytes(Array(copying: bytes.extracting(try cursor.longstrPlace(bytes))))
        case "T": .timestamp(try cursor.longlong(bytes))
        case "A": .array(try array(bytes.extracting(try cursor.longstrPlace(bytes))))
        case "F": .table(try table(bytes.extracting(try cursor.longstrPlace(bytes))))
        case "V": .void
        default: throw .unknownFieldType(type)
        }
    }

    private func longString(_ bytes: Span<UInt8>) -> AMQPFieldValue {
        if let text = try? UTF8Span(validating: bytes) {
            .longString(String(copying: text))
        } else {
            .longStringBytes(Array(copying: bytes))
        }
    }
}

extension Span<UInt8> {
    /// How many bytes the value at the beginning has, with its type; nil where it is not all there, or of no known type.
    fileprivate var fieldSize: Int? {
        guard !isEmpty else { return nil }
        let size: Int
        switch UnicodeScalar(self[0]) {
        case "V": size = 0
        case "t", "b", "B": size = 1
        case "s", "U", "u": size = 2
        case "I", "i", "f": size = 4
        case "D": size = 5
        case "l", "L", "d", "T": size = 8
        case "S", "x", "A", "F":
            guard count >= 5 else { return nil }
            size = 4 + integer(at: 1..<5)
        default: return nil
        }
        return 1 + size <= count ? 1 + size : nil
    }

    func hasSameElements(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
