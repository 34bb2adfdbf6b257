extension [UInt8] {
    /// Appends JSON so that it stays on one line.
    ///
    /// Line breaks, which JSON has between tokens only, become spaces. What Python's `splitlines` takes for a line
    /// break too, U+0085, U+2028 and U+2029, JSON has inside strings only: they become escapes, the same text.
    package mutating func appendOnOneLine(_ bytes: RawSpan) {
        var copied = 0
        var position = 0
        while position < bytes.byteCount {
            let plain = bytes.plainPrefix(from: position)
            guard plain == 0 else {
                position += plain
                continue
            }
            guard let (length, replacement) = bytes.lineBreak(at: position) else {
                position += 1
                continue
            }
            append(bytes.extracting(copied..<position))
            append(contentsOf: replacement.utf8)
            position += length
            copied = position
        }
        append(bytes.extracting(copied..<bytes.byteCount))
    }

    private mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }
}

extension RawSpan {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let spaces: UInt64 = 0x2020_2020_2020_2020

    /// How many bytes from an offset on come before the first that is a control character or not ASCII, as far as they
    /// are looked at: 0 where there are not as many left.
    @inline(__always)
    fileprivate func plainPrefix(from offset: Int) -> Int {
        // Text is plain, as a rule: 32 bytes at a time, then the eight in which something is.
        if offset + 32 <= byteCount {
            let half = special(at: offset) | special(at: offset + 8)
            if half | special(at: offset + 16) | special(at: offset + 24) == 0 { return 32 }
        }
        guard offset + 8 <= byteCount else { return 0 }
        // The lowest bit set is sure: only those above it may come of a borrow.
        return special(at: offset).trailingZeroBitCount >> 3
    }

    /// The high bit of each of eight bytes that is a control character or not ASCII.
    @inline(__always)
    private func special(at offset: Int) -> UInt64 {
        let word = UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
        return (word | word &- Self.spaces) & Self.highBits
    }

    /// The length of a line break at an offset, and what stands for it; nil where there is none.
    fileprivate func lineBreak(at offset: Int) -> (length: Int, replacement: String)? {
        switch (byte(at: offset), byte(at: offset + 1), byte(at: offset + 2)) {
        case (0x0A, _, _), (0x0D, _, _): (1, " ")
        case (0xC2, 0x85, _): (2, #"\u0085"#)
        case (0xE2, 0x80, 0xA8): (3, #"\u2028"#)
        case (0xE2, 0x80, 0xA9): (3, #"\u2029"#)
        default: nil
        }
    }

    private func byte(at offset: Int) -> UInt8 {
        offset < byteCount ? unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) : 0
    }
}
