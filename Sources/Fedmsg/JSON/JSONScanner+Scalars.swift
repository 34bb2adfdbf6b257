extension JSONScanner {
    /// Python's limit on the digits of an integer (`sys.int_info.default_max_str_digits`); a sign is not counted.
    static let integerDigitLimit = 4300

    /// Reads a number, or `-Infinity`, whose first byte is known to be a minus or a digit.
    static func scanNumber(in bytes: RawSpan, from start: Int) throws(JSONError) -> (JSONValue.Kind, end: Int) {
        var position = start
        if bytes[position] == UInt8(ascii: "-") {
            position &+= 1
            if isByte(UInt8(ascii: "I"), in: bytes, at: position) {
                return (.float, try scanWord("Infinity", in: bytes, from: position))
            }
        }
        let digits = position
        if isByte(UInt8(ascii: "0"), in: bytes, at: position) {
            position &+= 1
        } else {
            position = try scanDigits(in: bytes, from: position)
        }
        let isTooLong = position - digits > integerDigitLimit
        var kind = JSONValue.Kind.integer
        if isByte(UInt8(ascii: "."), in: bytes, at: position) {
            position = try scanDigits(in: bytes, from: position &+ 1)
            kind = .float
        }
        if bytes.reaches(position), bytes[position] | 0x20 == UInt8(ascii: "e") {
            position &+= 1
            if bytes.reaches(position), bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position &+= 1
            }
            position = try scanDigits(in: bytes, from: position)
            kind = .float
        }
        if isTooLong, kind == .integer { throw JSONError(offset: digits, expected: .fewerDigits) }
        return (kind, position)
    }

    /// `true`, `false`, `null`, and the two that Python adds.
    static func scanLiteral(in bytes: RawSpan, from start: Int) throws(JSONError) -> (JSONValue.Kind, end: Int) {
        switch bytes[start] {
        case UInt8(ascii: "t"): (.bool(true), try scanWord("true", in: bytes, from: start))
        case UInt8(ascii: "f"): (.bool(false), try scanWord("false", in: bytes, from: start))
        case UInt8(ascii: "n"): (.null, try scanWord("null", in: bytes, from: start))
        case UInt8(ascii: "N"): (.float, try scanWord("NaN", in: bytes, from: start))
        case UInt8(ascii: "I"): (.float, try scanWord("Infinity", in: bytes, from: start))
        default: throw JSONError(offset: start, expected: .value)
        }
    }

    @inline(__always)
    private static func scanWord(_ word: StaticString, in bytes: RawSpan, from start: Int) throws(JSONError) -> Int {
        let end = start + word.utf8CodeUnitCount
        guard bytes.equals(word, at: start..<end) else { throw JSONError(offset: start, expected: .value) }
        return end
    }

    /// One digit or more.
    @inline(__always)
    private static func scanDigits(in bytes: RawSpan, from start: Int) throws(JSONError) -> Int {
        var position = start
        while bytes.reaches(position), bytes[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        guard position > start else { throw JSONError(offset: start, expected: .digit) }
        return position
    }
}
