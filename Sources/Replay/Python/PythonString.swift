import Fedmsg

/// Reads one string of a Python literal, from its opening quote.
struct PythonString {
    let text: [UInt8]
    /// Of the opening quote; then past the closing one.
    private(set) var position: Int
    /// Whether `\x` escapes are bytes, not characters.
    let isBytes: Bool
    /// Whether there was a `\x` escape over 127.
    private(set) var hasHighEscapes = false

    private var decoded: [UInt8] = []

    init(text: [UInt8], position: Int, isBytes: Bool) {
        self.text = text
        self.position = position
        self.isBytes = isBytes
    }

    /// The string as UTF-8, a lone surrogate as the three bytes that UTF-8 forbids.
    mutating func read() throws(PythonLiteralError) -> [UInt8] {
        let start = position
        let quote = text[position]
        position += 1
        while position < text.count, text[position] != 0x0A {
            let byte = text[position]
            if byte == quote {
                position += 1
                return decoded
            }
            if byte == UInt8(ascii: "\\") {
                try readEscape()
            } else {
                decoded.append(byte)
                position += 1
            }
        }
        throw PythonLiteralError(offset: start, problem: "a string without a closing quote")
    }

    private mutating func readEscape() throws(PythonLiteralError) {
        guard position + 1 < text.count else {
            throw PythonLiteralError(offset: position, problem: "a backslash at the end")
        }
        let letter = text[position + 1]
        switch letter {
        case UInt8(ascii: "x"): try readNumber(digits: 2)
        case UInt8(ascii: "u") where !isBytes: try readNumber(digits: 4)
        case UInt8(ascii: "U") where !isBytes: try readNumber(digits: 8)
        case UInt8(ascii: "n"): replace(with: 0x0A)
        case UInt8(ascii: "r"): replace(with: 0x0D)
        case UInt8(ascii: "t"): replace(with: 0x09)
        case UInt8(ascii: "a"): replace(with: 0x07)
        case UInt8(ascii: "b"): replace(with: 0x08)
        case UInt8(ascii: "f"): replace(with: 0x0C)
        case UInt8(ascii: "v"): replace(with: 0x0B)
        case UInt8(ascii: "0"): replace(with: 0)
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "/"): replace(with: letter)
        default:
            // Python keeps the backslash of what is no escape.
            decoded.append(UInt8(ascii: "\\"))
            position += 1
        }
    }

    private mutating func replace(with byte: UInt8) {
        decoded.append(byte)
        position += 2
    }

    private mutating func readNumber(digits: Int) throws(PythonLiteralError) {
        let start = position + 2
        guard start + digits <= text.count,
            let number = UInt32(String(decoding: text[start..<start + digits], as: UTF8.self), radix: 16),
            number <= 0x10FFFF
        else { throw PythonLiteralError(offset: position, problem: "expected \(digits) hexadecimal digits") }
        position = start + digits
        if digits == 2, number >= 0x80 {
            hasHighEscapes = true
            if isBytes { return decoded.append(UInt8(number)) }
        }
        decoded.appendUTF8(number)
    }
}
