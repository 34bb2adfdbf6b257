/// Reads what stands between the quotes of a string that a scanner has checked.
enum JSONText {
    /// Appends the text as UTF-8, a lone surrogate as the three bytes that UTF-8 forbids: so the order of the
    /// bytes is the order of code points, for any text that Python can hold.
    ///
    /// - Returns: whether what was appended is UTF-8, that is, has no lone surrogate.
    @discardableResult
    static func decode(_ contents: RawSpan, into output: inout [UInt8]) -> Bool {
        var isUTF8 = true
        var offset = 0
        while offset < contents.byteCount {
            let byte = contents[offset]
            if byte != UInt8(ascii: "\\") {
                output.append(byte)
                offset += 1
                continue
            }
            let character = escapedScalar(in: contents, at: &offset)
            if character & 0xFFFF_F800 == 0xD800 { isUTF8 = false }
            output.appendUTF8(character)
        }
        return isUTF8
    }

    /// The text, or nil where it has a lone surrogate.
    static func string(_ contents: RawSpan) -> String? {
        var utf8: [UInt8] = []
        utf8.reserveCapacity(contents.byteCount)
        guard decode(contents, into: &utf8) else { return nil }
        return String(decoding: utf8, as: UTF8.self)
    }

    /// The code point that an escape stands for, two escapes where they are a pair of surrogates.
    ///
    /// - Parameter offset: of the backslash; moved past what was read.
    static func escapedScalar(in contents: RawSpan, at offset: inout Int) -> UInt32 {
        guard let unit = codeUnit(in: contents, at: offset) else {
            // Of a checked string only a short escape is left.
            let letter = offset + 1 < contents.byteCount ? contents[offset + 1] : 0
            offset += 2
            return shortEscape(letter)
        }
        offset += 6
        guard unit & 0xFC00 == 0xD800, let low = codeUnit(in: contents, at: offset), low & 0xFC00 == 0xDC00 else {
            return unit
        }
        offset += 6
        return 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
    }

    /// The number in `\uXXXX` at an offset, nil where there is none.
    private static func codeUnit(in contents: RawSpan, at offset: Int) -> UInt32? {
        guard offset + 6 <= contents.byteCount, contents[offset] == UInt8(ascii: "\\"),
            contents[offset + 1] == UInt8(ascii: "u")
        else { return nil }
        return unit(of: contents, from: offset + 2)
    }

    /// The number that four hexadecimal digits are.
    @inline(__always)
    static func unit(of bytes: RawSpan, from start: Int) -> UInt32 {
        let high = bytes[start].hexDigitValue << 12 | bytes[start &+ 1].hexDigitValue << 8
        return high | bytes[start &+ 2].hexDigitValue << 4 | bytes[start &+ 3].hexDigitValue
    }

    private static func shortEscape(_ letter: UInt8) -> UInt32 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: UInt32(letter)
        }
    }
}
