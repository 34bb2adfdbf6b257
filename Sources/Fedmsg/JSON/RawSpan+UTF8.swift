extension RawSpan {
    /// Room in which `OutputRawSpan.appendString(_:)` finds place for what it makes of UTF-8, quotes included.
    package var escapedCapacity: Int {
        // Counting costs as much as writing: for a short text there is room for whatever it may become.
        byteCount <= 256 ? byteCount &* 6 &+ 2 : escapedByteCount
    }

    /// Bytes that `OutputRawSpan.appendString(_:)` makes of UTF-8, quotes included.
    var escapedByteCount: Int {
        var count = byteCount + 2
        var position = 0
        while reaches(position) {
            if let special = word(at: position)?.notPlain {
                if special == 0 {
                    position &+= 8
                    continue
                }
                position &+= special.trailingZeroBitCount >> 3
            }
            switch self[position] {
            case 0x22, 0x5C, 0x08, 0x09, 0x0A, 0x0C, 0x0D: count += 1
            case 0x20..<0x7F: break
            case 0xC0..<0xE0: count += 4
            case 0xE0..<0xF0: count += 3
            case 0xF0...: count += 8
            case 0x80..<0xC0: break
            default: count += 5
            }
            position &+= 1
        }
        return count
    }

    /// The code point that UTF-8 has at an offset, which is moved past it.
    func scalar(at offset: inout Int) -> UInt32 {
        let lead = UInt32(self[offset])
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var scalar = lead & (length == 1 ? 0x7F : 0x7F >> UInt32(length))
        for place in offset &+ 1..<offset &+ length { scalar = scalar << 6 | UInt32(self[place] & 0x3F) }
        offset &+= length
        return scalar
    }
}
