import Fedmsg

extension [UInt8] {
    /// Levels that are indented: deeper ones would cost more room than they are worth.
    private static let indentedLevels = 40

    /// Appends JSON over as many lines as it has values, with scalars as they stand.
    ///
    /// - Parameter json: JSON that has been checked.
    mutating func appendIndented(json: RawSpan) {
        var level = 0
        var isInString = false
        var offset = 0
        while offset < json.byteCount {
            let byte = json.byte(at: offset)
            offset += 1
            if isInString {
                append(byte)
                if byte == UInt8(ascii: "\\"), offset < json.byteCount {
                    append(json.byte(at: offset))
                    offset += 1
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: break
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                append(byte)
                level += 1
                if !json.hasEnd(at: offset) { appendLine(level) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                level -= 1
                if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { appendLine(level) }
                append(byte)
            case UInt8(ascii: ","):
                append(byte)
                appendLine(level)
            case UInt8(ascii: ":"): append(contentsOf: ": ".utf8)
            default:
                isInString = byte == UInt8(ascii: "\"")
                append(byte)
            }
        }
    }

    private mutating func appendLine(_ level: Int) {
        append(UInt8(ascii: "\n"))
        append(contentsOf: repeatElement(UInt8(ascii: " "), count: 4 * Swift.min(level, Self.indentedLevels)))
    }
}

extension RawSpan {
    fileprivate func byte(at offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

    /// Whether nothing but white space is between an offset and the end of its container.
    fileprivate func hasEnd(at start: Int) -> Bool {
        var offset = start
        while offset < byteCount {
            switch byte(at: offset) {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): return true
            default: return false
            }
        }
        return false
    }
}
