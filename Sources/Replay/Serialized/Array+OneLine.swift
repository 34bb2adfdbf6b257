package import NIOCore

extension [UInt8] {
    /// Appends JSON so that it stays on one line.
    ///
    /// Line breaks, which JSON has between tokens only, become spaces. What Python's `splitlines` takes for a line
    /// break too, U+0085, U+2028 and U+2029, JSON has inside strings only: they become escapes, the same text.
    package mutating func appendOnOneLine(_ json: ByteBuffer) {
        let first = count
        json.withUnsafeReadableBytes { unsafe append(contentsOf: $0) }
        guard let place = self[first...].firstIndex(where: { Self.mayBreak($0) }) else { return }
        let rest = Array(self[place...])
        removeLast(rest.count)
        var index = 0
        while index < rest.count {
            switch (
                rest[index], index + 1 < rest.count ? rest[index + 1] : 0, index + 2 < rest.count ? rest[index + 2] : 0
            ) {
            case (0x0A, _, _), (0x0D, _, _):
                append(UInt8(ascii: " "))
                index += 1
            case (0xC2, 0x85, _):
                append(contentsOf: #"\u0085"#.utf8)
                index += 2
            case (0xE2, 0x80, 0xA8):
                append(contentsOf: #"\u2028"#.utf8)
                index += 3
            case (0xE2, 0x80, 0xA9):
                append(contentsOf: #"\u2029"#.utf8)
                index += 3
            case (let byte, _, _):
                append(byte)
                index += 1
            }
        }
    }

    private static func mayBreak(_ byte: UInt8) -> Bool {
        byte == 0x0A || byte == 0x0D || byte == 0xC2 || byte == 0xE2
    }
}
