/// Base64 as fedmsg reads and writes it.
enum Base64 {
    /// Decodes as Python's `base64.b64decode` does: what is no letter of the alphabet is skipped, and all after a
    /// padding in its place is ignored.
    ///
    /// - Parameters:
    ///   - text: the base64, which may be what stands between the quotes of a JSON string.
    ///   - isJSON: whether backslashes are JSON's escapes, and not just other characters.
    ///   - bytes: gets what was decoded in place of what it held.
    /// - Returns: whether Python reads it. It raises for what is not ASCII, and for padding that is missing.
    static func decode(_ text: RawSpan, isJSON: Bool, into bytes: inout [UInt8]) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        var isASCII = true
        var state = Decoder()
        let sextets = Self.sextets.span
        bytes.append(addingCapacity: text.byteCount / 4 * 3 + 3) { (output: inout OutputSpan<UInt8>) in
            var offset = 0
            while offset < text.byteCount {
                if state.isBetweenGroups { decodeGroups(text, from: &offset, sextets, &output) }
                guard offset < text.byteCount else { break }
                var character = UInt32(text[offset])
                if isJSON, character == UInt32(UInt8(ascii: "\\")) {
                    character = JSONText.escapedScalar(in: text, at: &offset)
                } else {
                    offset += 1
                }
                guard character < 0x80 else {
                    isASCII = false
                    break
                }
                state.take(UInt8(character), sextets, &output)
            }
        }
        return isASCII && state.isComplete
    }

    /// As many groups of four letters as come without anything between.
    @inline(__always)
    private static func decodeGroups(
        _ text: RawSpan,
        from offset: inout Int,
        _ sextets: Span<UInt8>,
        _ output: inout OutputSpan<UInt8>
    ) {
        while offset + 4 <= text.byteCount {
            let (first, second) = (sextets[Int(text[offset])], sextets[Int(text[offset + 1])])
            let (third, fourth) = (sextets[Int(text[offset + 2])], sextets[Int(text[offset + 3])])
            guard first | second | third | fourth < 64 else { return }
            output.append(first << 2 | second >> 4)
            output.append(second << 4 | third >> 2)
            output.append(third << 6 | fourth)
            offset += 4
        }
    }

    private struct Decoder {
        /// Letters of the group that is begun.
        private var count = 0
        private var group: UInt32 = 0
        private var pads = 0
        private var isEnded = false

        var isBetweenGroups: Bool { count == 0 && !isEnded }
        var isComplete: Bool { count == 0 || isEnded }

        mutating func take(_ byte: UInt8, _ sextets: Span<UInt8>, _ output: inout OutputSpan<UInt8>) {
            if isEnded { return }
            if byte == UInt8(ascii: "=") {
                guard count >= 2 else { return }
                pads += 1
                isEnded = count + pads >= 4
                return
            }
            let sextet = sextets[Int(byte)]
            guard sextet < 64 else { return }
            pads = 0
            group = group << 6 | UInt32(sextet)
            if count > 0 { output.append(UInt8(truncatingIfNeeded: group >> UInt32(6 - 2 * count))) }
            count = (count + 1) % 4
        }
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

    /// What each byte stands for, 255 for what is no letter.
    private static let sextets: [UInt8] = {
        var sextets = [UInt8](repeating: 255, count: 256)
        for (sextet, letter) in alphabet.enumerated() { sextets[Int(letter)] = UInt8(sextet) }
        return sextets
    }()
}
