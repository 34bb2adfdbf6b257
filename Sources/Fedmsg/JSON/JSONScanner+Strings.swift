extension JSONScanner {
    /// Reads a string whose opening quote is at `start`: eight bytes at a time while they are printable ASCII.
    @inline(__always)
    static func scanString(in bytes: RawSpan, from start: Int) throws(JSONError) -> JSONString {
        var position = start &+ 1
        var isEscaped = false
        var growth = 0
        while true {
            if let special = bytes.word(at: position)?.notPlain {
                if special == 0 {
                    position &+= 8
                    continue
                }
                position &+= special.trailingZeroBitCount >> 3
            } else if !bytes.reaches(position) {
                throw JSONError(offset: position, expected: .quote)
            }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                return JSONString(range: start..<position &+ 1, isEscaped: isEscaped, growth: growth)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                repeat {
                    position = try scanEscape(in: bytes, from: position)
                } while isByte(UInt8(ascii: "\\"), in: bytes, at: position)
            } else if byte >= 0x80 {
                position = try scanSequences(in: bytes, from: position, growth: &growth)
            } else if byte < 0x20 {
                throw JSONError(offset: position, expected: .noControlCharacter)
            } else {
                if byte == 0x7F { growth += 5 }
                position &+= 1
            }
        }
    }

    /// Past a backslash and what belongs to it. Which surrogates pair up is not looked at: all are allowed.
    @inline(__always)
    private static func scanEscape(in bytes: RawSpan, from start: Int) throws(JSONError) -> Int {
        switch bytes.reaches(start &+ 1) ? bytes[start &+ 1] : 0 {
        case UInt8(ascii: "u"):
            let end = start &+ 6
            if end <= bytes.byteCount {
                let digits = bytes[start &+ 2].isHexDigit & bytes[start &+ 3].isHexDigit
                if digits & bytes[start &+ 4].isHexDigit & bytes[start &+ 5].isHexDigit != 0 { return end }
            }
            var position = start &+ 2
            while bytes.reaches(position), bytes[position].isHexDigit != 0 { position &+= 1 }
            throw JSONError(offset: position, expected: .hexDigit)
        case UInt8(ascii: "n"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        default:
            throw JSONError(offset: start, expected: .escape)
        }
    }

    /// Past the UTF-8 up to the next ASCII byte, as strict as Python's decoder: shortest form, no surrogates,
    /// nothing over U+10FFFF.
    ///
    /// - Parameter growth: raised by what the characters gain where they are escaped.
    private static func scanSequences(
        in bytes: RawSpan,
        from start: Int,
        growth: inout Int
    ) throws(JSONError) -> Int {
        var position = start
        while bytes.reaches(position) {
            let lead = bytes[position]
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0x00...0x7F:
                return position
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
                throw JSONError(offset: position, expected: .utf8)
            }
            guard position &+ length <= bytes.byteCount, second.contains(bytes[position &+ 1]),
                length < 3 || bytes[position &+ 2] & 0xC0 == 0x80,
                length < 4 || bytes[position &+ 3] & 0xC0 == 0x80
            else { throw JSONError(offset: position, expected: .utf8) }
            position &+= length
        }
        return position
    }
}

extension UInt8 {
    /// 1 for an ASCII hexadecimal digit, else 0, without a branch: digits and letters come in no order that a
    /// processor could learn.
    @inline(__always)
    var isHexDigit: UInt8 {
        let digit: UInt8 = self &- UInt8(ascii: "0") < 10 ? 1 : 0
        let letter: UInt8 = (self | 0x20) &- UInt8(ascii: "a") < 6 ? 1 : 0
        return digit | letter
    }

    /// What an ASCII hexadecimal digit counts.
    @inline(__always)
    var hexDigitValue: UInt32 {
        // Letters have the bit 0x40 set and 1 to 6 in the lower four.
        UInt32(self & 0x0F) &+ (self & 0x40 != 0 ? 9 : 0)
    }
}
