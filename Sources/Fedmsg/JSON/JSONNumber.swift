/// Reads numbers that a scanner has checked.
enum JSONNumber {
    /// An integer's value where it fits 64 bits.
    static func int64(_ text: RawSpan) -> Int64? {
        let isNegative = text.byteCount > 0 && text[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for offset in (isNegative ? 1 : 0)..<text.byteCount {
            let digit = Int64(text[offset] &- UInt8(ascii: "0"))
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            // Counted downwards where it is negative, as there is one more number on that side.
            let (sum, tooFar) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if tooLarge || tooFar { return nil }
            value = sum
        }
        return value
    }

    /// What Python's `float` makes of a number with fraction or exponent: the nearest, ties to even.
    static func double(_ text: RawSpan) -> Double {
        guard text.byteCount > 0 else { return .nan }
        switch text[text.byteCount - 1] {
        case UInt8(ascii: "N"): return .nan
        case UInt8(ascii: "y"): return text[0] == UInt8(ascii: "-") ? -.infinity : .infinity
        default: break
        }
        if let short = shortDouble(text) { return short }
        let string = text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        return Double(string) ?? .nan
    }

    /// A number with fraction or exponent, as `double` has it, rounded down, where that fits 64 bits.
    static func floor(_ text: RawSpan) -> Int64? {
        shortFloor(text) ?? Int64(exactly: double(text).rounded(.down))
    }

    /// The digits before the point of a number without sign and exponent, all of whose digits together `Double` has exactly:
    /// then its nearest one is below the next whole number.
    private static func shortFloor(_ text: RawSpan) -> Int64? {
        var digits: Int64 = 0
        var whole: Int64?
        guard text.byteCount <= 17 else { return nil }
        for offset in 0..<text.byteCount {
            let byte = text[offset]
            if byte == UInt8(ascii: ".") {
                whole = digits
            } else if 0x30...0x39 ~= byte {
                digits = digits &* 10 &+ Int64(byte &- 0x30)
            } else {
                return nil
            }
        }
        return digits <= 1 << 53 ? whole : nil
    }

    /// A number without exponent whose digits and whose power of ten are both exact as `Double`, so that the division
    /// is the only rounding; nil for any other.
    private static func shortDouble(_ text: RawSpan) -> Double? {
        var digits: Int64 = 0
        var divisor = 1.0
        var isFraction = false
        let isNegative = text[0] == UInt8(ascii: "-")
        guard text.byteCount <= 17 else { return nil }
        for offset in (isNegative ? 1 : 0)..<text.byteCount {
            let byte = text[offset]
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if 0x30...0x39 ~= byte {
                digits = digits * 10 + Int64(byte - 0x30)
                if isFraction { divisor *= 10 }
            } else {
                return nil
            }
        }
        guard digits <= 1 << 53 else { return nil }
        return (isNegative ? -Double(digits) : Double(digits)) / divisor
    }
}
