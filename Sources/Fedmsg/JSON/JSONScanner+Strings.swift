extension JSONScanner {
    /// Reads a string whose opening quote is next: eight bytes at a time while they are printable ASCII.
    @inline(__always)
    mutating func scanString(in bytes: RawSpan) throws(JSONError) -> JSONString {
        let start = position
        let count = bytes.byteCount
        var isEscaped = false
        var growth = 0
        position += 1
        while true {
            if position + 8 <= count {
                let special = bytes.word(at: position).notPlain
                if special == 0 {
                    position += 8
                    continue
                }
                position += special.trailingZeroBitCount >> 3
            } else if position >= count {
                throw failure(.quote)
            }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return JSONString(range: start..<position, isEscaped: isEscaped, growth: growth)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                try scanEscape(in: bytes)
            } else if byte >= 0x80 {
                growth += try scanSequences(in: bytes)
            } else if byte < 0x20 {
                throw failure(.noControlCharacter)
            } else {
                if byte == 0x7F { growth += 5 }
                position += 1
            }
        }
    }

    /// A backslash and what belongs to it. Which surrogates pair up is not looked at: all are allowed.
    private mutating func scanEscape(in bytes: RawSpan) throws(JSONError) {
        let next = position + 1 < bytes.byteCount ? bytes[position + 1] : 0
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            position += 2
            let end = position + 4
            while position < end {
                guard position < bytes.byteCount, bytes[position].hexDigitValue != nil else {
                    throw failure(.hexDigit)
                }
                position += 1
            }
        default:
            throw failure(.escape)
        }
    }

    /// Reads UTF-8 up to the next ASCII byte, as strictly as Python's decoder: shortest form, no surrogates,
    /// nothing past U+10FFFF.
    ///
    /// - Returns: the bytes that the characters gain where they are escaped.
    private mutating func scanSequences(in bytes: RawSpan) throws(JSONError) -> Int {
        var growth = 0
        while position < bytes.byteCount {
            let lead = bytes[position]
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0x00...0x7F:
                return growth
            case 0xC2...0xDF:
                length = 2
                growth += 4
            case 0xE0...0xEF:
                length = 3
                growth += 3
                if lead == 0xE0 { second = 0xA0...0xBF }
                if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                length = 4
                growth += 8
                if lead == 0xF0 { second = 0x90...0xBF }
                if lead == 0xF4 { second = 0x80...0x8F }
            default:
                throw failure(.utf8)
            }
            guard position + length <= bytes.byteCount, second.contains(bytes[position + 1]),
                length < 3 || bytes[position + 2] & 0xC0 == 0x80,
                length < 4 || bytes[position + 3] & 0xC0 == 0x80
            else { throw failure(.utf8) }
            position += length
        }
        return growth
    }
}

extension UInt8 {
    /// What an ASCII hexadecimal digit counts, nil for any other byte.
    @inline(__always)
    var hexDigitValue: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
