/// Steps through a TOML text byte by byte, keeping count of lines.
struct TOMLScanner {
    private let bytes: [UInt8]
    private(set) var offset = 0
    private(set) var position = TOMLPosition(line: 1, column: 1)
    private(set) var zeroEscape: TOMLPosition?

    init(_ text: String) {
        bytes = Array(text.utf8)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            offset = 3
        }
    }

    var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// Whether a key can begin here: with a quote, or a letter, digit, underscore or hyphen.
    var isAtKey: Bool {
        guard let byte = peek else { return false }
        return switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): true
        default: TOMLText.isBare(byte)
        }
    }

    /// Whether a value can begin here.
    var isAtValue: Bool { isAtKey || "+.[{".utf8.contains { $0 == peek } }

    mutating func advance() {
        guard offset < bytes.count else { return }
        let byte = bytes[offset]
        offset += 1
        if byte == UInt8(ascii: "\n") {
            position = TOMLPosition(line: position.line + 1, column: 1)
        } else if offset == bytes.count || bytes[offset] & 0xC0 != 0x80 {
            position = TOMLPosition(line: position.line, column: position.column + 1)
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        advance()
        return true
    }

    mutating func skipSpace() {
        while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { advance() }
    }

    /// Skips space, line ends and comments.
    mutating func skipBlank() {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): advance()
            case UInt8(ascii: "#"): skipLine()
            default: return
            }
        }
    }

    mutating func skipLine() {
        while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
    }

    /// Skips a number, a boolean, a date.
    mutating func skipScalar() {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"), UInt8(ascii: "\n"): return
            default: advance()
            }
        }
    }

    /// The parts of a dotted key, quotes taken off, each with its place.
    mutating func dottedKey() -> [(name: String, position: TOMLPosition)] {
        var keys: [(name: String, position: TOMLPosition)] = []
        repeat {
            skipSpace()
            let start = position
            keys.append((simpleKey(), start))
            skipSpace()
        } while take(UInt8(ascii: "."))
        return keys
    }

    private mutating func simpleKey() -> String {
        if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") {
            return String(decoding: string(), as: UTF8.self)
        }
        let start = offset
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "="), UInt8(ascii: "]"), UInt8(ascii: " "), UInt8(ascii: "\t"),
                UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "#"), UInt8(ascii: ":"):
                return String(decoding: bytes[start..<offset], as: UTF8.self)
            default: advance()
            }
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    mutating func skipString() { _ = string() }

    /// Reads a string of any of the four kinds.
    private mutating func string() -> [UInt8] {
        guard let quote = peek else { return [] }
        let isMultiline = hasThree(quote)
        for _ in 0..<(isMultiline ? 3 : 1) { advance() }
        var content: [UInt8] = []
        while let byte = peek {
            if byte == quote && (!isMultiline || hasThree(quote)) {
                for _ in 0..<(isMultiline ? 3 : 1) { advance() }
                // Up to two quotes may stand directly before the closing three.
                for _ in 0..<2 where isMultiline && take(quote) { content.append(quote) }
                return content
            }
            if byte == UInt8(ascii: "\n") && !isMultiline { return content }
            if byte == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") {
                escape(into: &content)
            } else {
                content.append(byte)
                advance()
            }
        }
        return content
    }

    private func hasThree(_ quote: UInt8) -> Bool { bytes[offset...].starts(with: [quote, quote, quote]) }

    private mutating func escape(into content: inout [UInt8]) {
        let start = position
        advance()
        guard let byte = peek else { return }
        advance()
        switch byte {
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "u"): unicodeEscape(digits: 4, start, into: &content)
        case UInt8(ascii: "U"): unicodeEscape(digits: 8, start, into: &content)
        // A quote, a backslash; in multi-line strings also a line end, whose content nobody asks for.
        default: content.append(byte)
        }
    }

    private mutating func unicodeEscape(digits: Int, _ start: TOMLPosition, into content: inout [UInt8]) {
        let end = min(offset + digits, bytes.count)
        let hex = String(decoding: bytes[offset..<end], as: UTF8.self)
        guard let value = UInt32(hex, radix: 16), let scalar = Unicode.Scalar(value) else { return }
        while offset < end { advance() }
        content += Array(String(scalar).utf8)
        if value == 0 && zeroEscape == nil { zeroEscape = start }
    }
}
