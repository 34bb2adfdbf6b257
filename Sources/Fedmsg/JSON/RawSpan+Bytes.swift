extension RawSpan {
    /// Whether there is a byte at the offset.
    @inline(__always)
    func reaches(_ offset: Int) -> Bool {
        UInt(bitPattern: offset) < UInt(bitPattern: byteCount)
    }

    /// The byte at an offset; out of bounds traps, as everywhere in Swift. After `reaches` the check costs nothing,
    /// as it is the same one; that of `unsafeLoad(fromByteOffset:)` is three.
    @inline(__always)
    subscript(offset: Int) -> UInt8 {
        precondition(reaches(offset))
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Eight bytes, the first of them lowest whatever the machine's byte order; nil where there are fewer.
    @inline(__always)
    func word(at offset: Int) -> UInt64? {
        guard byteCount >= 8, UInt(bitPattern: offset) <= UInt(bitPattern: byteCount &- 8) else { return nil }
        return unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Whether the bytes are those of an ASCII text.
    @inline(__always)
    func equals(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.upperBound <= byteCount else { return false }
        return text.withUTF8Buffer { expected in
            let expected = expected.span.bytes
            var offset = 0
            while let word = expected.word(at: offset) {
                if self.word(at: range.lowerBound &+ offset) != word { return false }
                offset &+= 8
            }
            while expected.reaches(offset) {
                if self[range.lowerBound &+ offset] != expected[offset] { return false }
                offset &+= 1
            }
            return true
        }
    }
}

extension UInt64 {
    /// The byte in all eight places.
    @inline(__always)
    static func repeated(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The high bit of each byte that ends a run of printable ASCII in a JSON string: a quote, a backslash, a
    /// control character, DEL, or a byte that is not ASCII. Only the lowest bit set is sure: borrows spread upwards.
    @inline(__always)
    var notPlain: UInt64 {
        let quote = (self ^ .repeated(UInt8(ascii: "\""))) &- .repeated(1)
        let backslash = (self ^ .repeated(UInt8(ascii: "\\"))) &- .repeated(1)
        let control = self &- .repeated(0x20)
        let delete = self &+ .repeated(1)
        return (quote | backslash | control | delete | self) & .repeated(0x80)
    }
}
