/// A key of an object, with what is needed to sort it and to find its value.
struct CanonicalMember {
    /// The text's first eight bytes, zeros after a shorter one: nearly all keys differ here already.
    let prefix: UInt64
    /// Offset of the opening quote.
    let start: UInt32
    /// Number of the first object that begins after the key.
    let firstObject: UInt32
    /// Where the text begins among the decoded keys if it had escapes, else in the bytes.
    private let textStart: UInt32
    /// Its length, and in the top bit whether it had escapes: no text has 2 GiB.
    private let textCountAndPlace: UInt32

    private var isDecoded: Bool { textCountAndPlace >> 31 != 0 }
    private var textCount: Int { Int(textCountAndPlace & 0x7FFF_FFFF) }

    /// - Parameter decoded: the text is appended here if it has escapes.
    @inline(__always)
    init(_ key: JSONString, firstObject: Int, in bytes: RawSpan, decoded: inout [UInt8]) {
        start = UInt32(truncatingIfNeeded: key.range.lowerBound)
        self.firstObject = UInt32(truncatingIfNeeded: firstObject)
        if key.isEscaped {
            let first = decoded.count
            JSONText.decode(bytes.extracting(key.contents), into: &decoded)
            textStart = UInt32(truncatingIfNeeded: first)
            textCountAndPlace = UInt32(truncatingIfNeeded: decoded.count - first) | 1 << 31
            prefix = Self.prefix(of: decoded.span.bytes, from: first, count: decoded.count - first)
        } else {
            textStart = start &+ 1
            textCountAndPlace = UInt32(truncatingIfNeeded: key.contents.count)
            prefix = Self.prefix(of: bytes, from: key.contents.lowerBound, count: key.contents.count)
        }
    }

    /// Whether the text comes before another's by code points, which is the order of its UTF-8; that of one equal
    /// text which stands earlier.
    @inline(__always)
    func precedes(_ other: Self, in bytes: RawSpan, decoded: RawSpan) -> Bool {
        if prefix != other.prefix { return prefix < other.prefix }
        let difference = difference(from: other, in: bytes, decoded: decoded)
        return difference == 0 ? start < other.start : difference < 0
    }

    @inline(__always)
    func hasText(of other: Self, in bytes: RawSpan, decoded: RawSpan) -> Bool {
        prefix == other.prefix && difference(from: other, in: bytes, decoded: decoded) == 0
    }

    /// Negative, zero or positive, of two texts with the same prefix.
    private func difference(from other: Self, in bytes: RawSpan, decoded: RawSpan) -> Int {
        var offset = min(8, textCount, other.textCount)
        while offset < min(textCount, other.textCount) {
            let mine = byte(at: offset, in: bytes, decoded: decoded)
            let others = other.byte(at: offset, in: bytes, decoded: decoded)
            if mine != others { return Int(mine) - Int(others) }
            offset &+= 1
        }
        return textCount - other.textCount
    }

    @inline(__always)
    private func byte(at offset: Int, in bytes: RawSpan, decoded: RawSpan) -> UInt8 {
        isDecoded ? decoded[Int(textStart) &+ offset] : bytes[Int(textStart) &+ offset]
    }

    /// Big-endian, so that numbers are in the order of the bytes.
    @inline(__always)
    private static func prefix(of bytes: RawSpan, from start: Int, count: Int) -> UInt64 {
        if let word = bytes.word(at: start) {
            let unwanted = UInt64(8 &- min(8, count)) &* 8
            return unwanted == 64 ? 0 : (word.byteSwapped >> unwanted) << unwanted
        }
        var prefix: UInt64 = 0
        for offset in 0..<min(8, count) {
            prefix |= UInt64(bytes[start &+ offset]) << UInt64(56 &- offset &* 8)
        }
        return prefix
    }
}
