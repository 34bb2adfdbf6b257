extension JSONScanner {
    /// Python's limit on the digits of an integer (`sys.int_info.default_max_str_digits`); a sign is not counted.
    static let integerDigitLimit = 4300

    /// Reads a number, or `-Infinity`, whose first byte is known to be a minus or a digit.
    @inline(__always)
    mutating func scanNumber(in bytes: RawSpan) throws(JSONError) -> JSONValue.Kind {
        if bytes[position] == UInt8(ascii: "-") {
            position += 1
            if isNext(UInt8(ascii: "I"), in: bytes) {
                try scanWord("Infinity", in: bytes)
                return .float
            }
        }
        let start = position
        if isNext(UInt8(ascii: "0"), in: bytes) {
            position += 1
        } else {
            try scanDigits(in: bytes)
        }
        let digits = position - start
        var kind = JSONValue.Kind.integer
        if isNext(UInt8(ascii: "."), in: bytes) {
            position += 1
            try scanDigits(in: bytes)
            kind = .float
        }
        if position < bytes.byteCount, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if isNext(UInt8(ascii: "+"), in: bytes) || isNext(UInt8(ascii: "-"), in: bytes) { position += 1 }
            try scanDigits(in: bytes)
            kind = .float
        }
        if kind == .integer, digits > Self.integerDigitLimit {
            throw JSONError(offset: start, expected: .fewerDigits)
        }
        return kind
    }

    /// `true`, `false`, `null`, and the two that Python adds.
    @inline(__always)
    mutating func scanLiteral(in bytes: RawSpan) throws(JSONError) -> JSONValue.Kind {
        switch bytes[position] {
        case UInt8(ascii: "t"):
            try scanWord("true", in: bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try scanWord("false", in: bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try scanWord("null", in: bytes)
            return .null
        case UInt8(ascii: "N"):
            try scanWord("NaN", in: bytes)
            return .float
        case UInt8(ascii: "I"):
            try scanWord("Infinity", in: bytes)
            return .float
        default:
            throw failure(.value)
        }
    }

    @inline(__always)
    private mutating func scanWord(_ word: StaticString, in bytes: RawSpan) throws(JSONError) {
        let end = position + word.utf8CodeUnitCount
        guard bytes.equals(word, at: position..<end) else { throw failure(.value) }
        position = end
    }

    /// One digit or more.
    @inline(__always)
    private mutating func scanDigits(in bytes: RawSpan) throws(JSONError) {
        let start = position
        while position < bytes.byteCount, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw failure(.digit) }
    }
}
