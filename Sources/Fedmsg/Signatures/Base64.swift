/// Base64 as fedmsg reads and writes it.
enum Base64 {
    /// Decodes as Python's `base64.b64decode` does: what is no letter of the alphabet is skipped, and all after a
    /// padding in its place is ignored.
    ///
    /// - Returns: whether Python reads it. It raises for what is not ASCII, and for padding that is missing.
    static func decode(_ text: [UInt8], into bytes: inout [UInt8]) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var (sextets, pads, isEnded) = (0, 0, false)
        var group: UInt32 = 0
        for byte in text {
            if byte >= 0x80 { return false }
            if isEnded { continue }
            if byte == UInt8(ascii: "=") {
                if sextets >= 2 {
                    pads += 1
                    isEnded = sextets + pads >= 4
                }
                continue
            }
            guard let sextet = sextet(byte) else { continue }
            pads = 0
            group = group << 6 | UInt32(sextet)
            if sextets > 0 { bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(6 - 2 * sextets))) }
            sextets = (sextets + 1) % 4
        }
        return isEnded || sextets == 0
    }

    /// With padding, in lines of so many bytes' characters with a line break after each, or in one without.
    static func encode(_ bytes: [UInt8], bytesInLine: Int = .max) -> [UInt8] {
        let characterCount = (bytes.count + 2) / 3 * 4
        var text: [UInt8] = []
        text.reserveCapacity(characterCount + bytes.count / bytesInLine + 1)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for place in 0..<3 { group = group << 8 | (place < count ? UInt32(bytes[start + place]) : 0) }
            for place in 0..<4 {
                let isPadding = place > count
                text.append(isPadding ? UInt8(ascii: "=") : alphabet[Int(group >> UInt32(18 - 6 * place) & 0x3F)])
            }
            if (start + 3) % bytesInLine == 0 { text.append(UInt8(ascii: "\n")) }
        }
        return text
    }

    /// In lines of 76 characters with a line break after each, as fedmsg has signatures and certificates.
    static func lines(_ bytes: [UInt8]) -> String {
        var text = encode(bytes, bytesInLine: 57)
        if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        return String(decoding: text, as: UTF8.self)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    @inline(__always)
    private static func sextet(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
