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
        let string = text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        return Double(string) ?? .nan
    }
}
