/// Text as Python's `json.dumps` writes it with `ensure_ascii`, which is the default: DEL and all that is not ASCII
/// as `\uXXXX` in lower-case digits, `/` as it is.
extension OutputRawSpan {
    /// Copies printable ASCII up to what must be looked at: quote, backslash, control character, DEL, not ASCII.
    ///
    /// - Returns: the offset of that, or where `bytes` ends.
    @inline(__always)
    mutating func appendPlain(of bytes: RawSpan, from start: Int) -> Int {
        withUnsafeMutableBytes { buffer, count in
            var position = start
            while count &+ 8 <= buffer.count, let word = bytes.word(at: position) {
                // The room for all eight was asked for; what is not plain is written over by what comes next.
                unsafe buffer.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt64.self)
                let special = word.notPlain
                if special != 0 {
                    let plain = special.trailingZeroBitCount >> 3
                    count &+= plain
                    return position &+ plain
                }
                count &+= 8
                position &+= 8
            }
            if count &+ 8 <= buffer.count, position < bytes.byteCount,
                let word = bytes.word(at: bytes.byteCount &- 8)
            {
                // Fewer than eight are left, of which none was looked at: the others shifted out, zeros in, which are not plain.
                let left = bytes.byteCount &- position
                let rest = word >> UInt64(64 &- 8 &* left)
                unsafe buffer.storeBytes(of: rest.littleEndian, toByteOffset: count, as: UInt64.self)
                let plain = rest.notPlain.trailingZeroBitCount >> 3
                count &+= plain
                return position &+ plain
            }
            while bytes.reaches(position), bytes[position].isPlain, count < buffer.count {
                unsafe buffer[count] = bytes[position]
                count &+= 1
                position &+= 1
            }
            return position
        }
    }

    /// Appends the text of a JSON string anew, quotes included.
    ///
    /// - Parameter start: offset of the opening quote of a string that a scanner has checked.
    /// - Returns: the offset past its closing quote.
    @inline(__always)
    mutating func appendString(of bytes: RawSpan, from start: Int) -> Int {
        append(UInt8(ascii: "\""))
        var position = start &+ 1
        while true {
            position = appendPlain(of: bytes, from: position)
            switch bytes[position] {
            case UInt8(ascii: "\""):
                append(UInt8(ascii: "\""))
                return position &+ 1
            case UInt8(ascii: "\\"):
                position = appendEscape(of: bytes, from: position)
            case 0x80...:
                appendEscaped(bytes.scalar(at: &position))
            case let byte:
                appendEscaped(UInt32(byte))
                position &+= 1
            }
        }
    }

    /// Appends UTF-8 as a JSON string, quotes included.
    package mutating func appendString(_ text: RawSpan) {
        append(UInt8(ascii: "\""))
        var position = appendPlain(of: text, from: 0)
        while text.reaches(position) {
            appendEscaped(text.scalar(at: &position))
            position = appendPlain(of: text, from: position)
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a code point within a string; two escapes for one past U+FFFF, a lone surrogate as it is.
    mutating func appendEscaped(_ scalar: UInt32) {
        switch scalar {
        case 0x22, 0x5C: appendShortEscape(UInt8(scalar))
        case 0x20..<0x7F: append(UInt8(scalar))
        case 0x08: appendShortEscape(UInt8(ascii: "b"))
        case 0x0C: appendShortEscape(UInt8(ascii: "f"))
        case 0x0A: appendShortEscape(UInt8(ascii: "n"))
        case 0x0D: appendShortEscape(UInt8(ascii: "r"))
        case 0x09: appendShortEscape(UInt8(ascii: "t"))
        case ..<0x10000: appendUnit(scalar)
        default:
            appendUnit(0xD800 | (scalar - 0x10000) >> 10)
            appendUnit(0xDC00 | (scalar - 0x10000) & 0x3FF)
        }
    }

    private mutating func appendShortEscape(_ letter: UInt8) {
        append(UInt8(ascii: "\\"))
        append(letter)
    }

    /// Appends what Python writes for an escape that a scanner has checked: surrogates need no pairing here, as two
    /// that pair up are two escapes again.
    ///
    /// - Returns: the offset past it.
    @inline(__always)
    private mutating func appendEscape(of bytes: RawSpan, from start: Int) -> Int {
        let letter = bytes[start &+ 1]
        guard letter == UInt8(ascii: "u") else {
            if letter == UInt8(ascii: "/") {
                append(letter)
            } else {
                appendShortEscape(letter)
            }
            return start &+ 2
        }
        let unit = JSONText.unit(of: bytes, from: start &+ 2)
        if unit < 0x7F {
            appendEscaped(unit)
        } else {
            appendUnit(unit)
        }
        return start &+ 6
    }

    @inline(__always)
    private mutating func appendUnit(_ unit: UInt32) {
        // A byte for each of the four digits, the first lowest.
        let pairs = (UInt64(unit) << 16 | UInt64(unit) >> 8) & 0x00FF_00FF
        let digits = (pairs << 8 | pairs >> 4) & 0x0F0F_0F0F
        // Six more carry those from ten on into the next four bits; letters begin 0x27 past where digits would go on.
        let letters = (digits &+ 0x0606_0606) >> 4 & 0x0101_0101
        let hex = digits &+ 0x3030_3030 &+ letters &* 0x27
        appendFirst(6, of: hex << 16 | UInt64(UInt8(ascii: "u")) << 8 | UInt64(UInt8(ascii: "\\")))
    }

    /// Appends the lowest bytes of a word, the lowest first.
    @inline(__always)
    private mutating func appendFirst(_ byteCount: Int, of word: UInt64) {
        if freeCapacity >= 8 {
            withUnsafeMutableBytes { buffer, count in
                unsafe buffer.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt64.self)
                count &+= byteCount
            }
        } else {
            for place in 0..<byteCount { append(UInt8(truncatingIfNeeded: word >> UInt64(8 &* place))) }
        }
    }
}

extension UInt8 {
    @inline(__always)
    fileprivate var isPlain: Bool {
        self >= 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
    }
}
