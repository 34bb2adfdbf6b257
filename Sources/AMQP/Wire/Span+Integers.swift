extension Span<UInt8> {
    /// The big-endian integer at a place within.
    func integer<Value: FixedWidthInteger>(at place: Range<Int>) -> Value {
        var value: Value = 0
        for index in place { value = value << 8 | Value(truncatingIfNeeded: self[index]) }
        return value
    }
}
