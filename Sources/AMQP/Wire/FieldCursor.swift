/// Where the next field begins, in bytes that each read is given: they stay in their buffer, whose storage is looked up
/// and checked once for all fields. Named are the specification's types (4.2.5).
struct FieldCursor {
    var offset = 0

    mutating func octet(_ bytes: Span<UInt8>) throws(WireError) -> UInt8 {
        bytes[try next(1, of: bytes).lowerBound]
    }

    mutating func short(_ bytes: Span<UInt8>) throws(WireError) -> UInt16 {
        try integer(bytes)
    }

    mutating func long(_ bytes: Span<UInt8>) throws(WireError) -> UInt32 {
        try integer(bytes)
    }

    mutating func longlong(_ bytes: Span<UInt8>) throws(WireError) -> UInt64 {
        try integer(bytes)
    }

    /// An integer of as many bytes as its type has.
    mutating func integer<Value: FixedWidthInteger>(_ bytes: Span<UInt8>) throws(WireError) -> Value {
        bytes.integer(at: try next(MemoryLayout<Value>.size, of: bytes))
    }

    /// A short string, what is not UTF-8 replaced by U+FFFD.
    mutating func shortstr(_ bytes: Span<UInt8>) throws(WireError) -> String {
        var isValid = true
        return try shortstr(bytes, isValid: &isValid)
    }

    /// A short string; where it is not UTF-8, `isValid` becomes false and the faults are replaced by U+FFFD.
    mutating func shortstr(_ bytes: Span<UInt8>, isValid: inout Bool) throws(WireError) -> String {
        let text = bytes.extracting(try shortstrPlace(bytes))
        if let text = try? UTF8Span(validating: text) { return String(copying: text) }
        isValid = false
        return String(decoding: Array(copying: text), as: UTF8.self)
    }

    mutating func longstr(_ bytes: Span<UInt8>) throws(WireError) -> LongString {
        LongString(bytes: Array(copying: bytes.extracting(try longstrPlace(bytes))))
    }

    mutating func table(_ bytes: Span<UInt8>) throws(WireError) -> AMQPTable {
        try AMQPTable(decoding: bytes.extracting(try longstrPlace(bytes)))
    }

    /// Past a short string: the place of its bytes.
    mutating func shortstrPlace(_ bytes: Span<UInt8>) throws(WireError) -> Range<Int> {
        try next(Int(try octet(bytes)), of: bytes)
    }

    /// Past a long string, or what else has its length in 4 bytes before it: the place of its bytes.
    mutating func longstrPlace(_ bytes: Span<UInt8>) throws(WireError) -> Range<Int> {
        try next(Int(try long(bytes)), of: bytes)
    }

    /// Past the next bytes; nothing is allocated for a length that is not there.
    mutating func next(_ count: Int, of bytes: Span<UInt8>) throws(WireError) -> Range<Int> {
        guard count <= bytes.count - offset else { throw .truncated }
        defer { offset += count }
        return offset..<offset + count
    }
}
