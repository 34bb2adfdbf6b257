/// Floats as Python's `repr` writes them.
enum PythonFloat {
    /// Appends the float nearest to what a text says, with the fewest digits that name it; at most 24 bytes.
    static func append(_ text: RawSpan, to output: inout OutputRawSpan) {
        // Any 15 digits survive the way to a float and back, so no two texts of 15 digits name the same float, and
        // none is shorter; within these powers, which are far from where floats lose digits or end.
        if let decimal = Decimal(text, digitLimit: 15), decimal.isZero || -290...290 ~= decimal.point {
            if text[0] == UInt8(ascii: "-") { output.append(UInt8(ascii: "-")) }
            return decimal.append(to: &output)
        }
        append(JSONNumber.double(text), to: &output)
    }

    private static func append(_ value: Double, to output: inout OutputRawSpan) {
        if value.isNaN { return output.append("NaN") }
        if value.sign == .minus { output.append(UInt8(ascii: "-")) }
        if value.isInfinite { return output.append("Infinity") }
        // Swift finds the same digits, but puts the point elsewhere.
        let description = value.magnitude.description
        if let decimal = Decimal(description.utf8Span.span.bytes, digitLimit: 17) { decimal.append(to: &output) }
    }
}

/// A number of a few decimal digits.
private struct Decimal {
    /// Without zeros at either end.
    private var digits = InlineArray<17, UInt8>(repeating: 0)
    private var count = 0
    /// The number is 0.DIGITS times ten to this power.
    private(set) var point = 0

    var isZero: Bool { count == 0 }

    /// Reads a number with fraction or exponent, its sign aside.
    ///
    /// - Returns: nil where it has more digits, or an exponent of more than five, or is `NaN` or infinite.
    init?(_ text: RawSpan, digitLimit: Int) {
        var offset = text[0] == UInt8(ascii: "-") ? 1 : 0
        var trailingZeros = 0
        var fraction = 0
        var fractionStep = 0
        while text.reaches(offset) {
            let byte = text[offset]
            if byte == UInt8(ascii: ".") {
                fractionStep = 1
            } else if byte == UInt8(ascii: "0") {
                fraction &+= fractionStep
                trailingZeros &+= isZero ? 0 : 1
            } else if byte &- UInt8(ascii: "0") < 10 {
                fraction &+= fractionStep
                guard count &+ trailingZeros < digitLimit else { return nil }
                while trailingZeros > 0 {
                    append(UInt8(ascii: "0"))
                    trailingZeros &-= 1
                }
                append(byte)
            } else {
                break
            }
            offset &+= 1
        }
        guard let exponent = Self.exponent(text, from: offset) else { return nil }
        point = count &+ trailingZeros &- fraction &+ exponent
    }

    private mutating func append(_ digit: UInt8) {
        digits[count] = digit
        count &+= 1
    }

    /// What the letter `e` at an offset begins, 0 at the end of the text.
    private static func exponent(_ text: RawSpan, from start: Int) -> Int? {
        guard text.reaches(start) else { return 0 }
        guard text[start] | 0x20 == UInt8(ascii: "e") else { return nil }
        var offset = start &+ 1
        let isNegative = text.reaches(offset) && text[offset] == UInt8(ascii: "-")
        if isNegative || text.reaches(offset) && text[offset] == UInt8(ascii: "+") { offset &+= 1 }
        var exponent = 0
        while text.reaches(offset) {
            exponent = exponent &* 10 &+ Int(text[offset] &- UInt8(ascii: "0"))
            if exponent > 99_999 { return nil }
            offset &+= 1
        }
        return isNegative ? -exponent : exponent
    }

    /// Appends it as `repr` does: with an exponent from 1e16 up and below 1e-4.
    func append(to output: inout OutputRawSpan) {
        if isZero { return output.append("0.0") }
        if point > 16 || point < -3 {
            appendDigits(0..<1, to: &output)
            if count > 1 { output.append(UInt8(ascii: ".")) }
            appendDigits(1..<count, to: &output)
            let exponent = point &- 1
            output.append(exponent < 0 ? "e-" : "e+")
            if exponent.magnitude < 10 { output.append(UInt8(ascii: "0")) }
            output.append(decimal: Int64(exponent.magnitude))
        } else if point <= 0 {
            output.append("0.")
            for _ in point..<0 { output.append(UInt8(ascii: "0")) }
            appendDigits(0..<count, to: &output)
        } else {
            appendDigits(0..<min(point, count), to: &output)
            for _ in min(point, count)..<point { output.append(UInt8(ascii: "0")) }
            output.append(UInt8(ascii: "."))
            if count > point {
                appendDigits(point..<count, to: &output)
            } else {
                output.append(UInt8(ascii: "0"))
            }
        }
    }

    private func appendDigits(_ range: Range<Int>, to output: inout OutputRawSpan) {
        for place in range { output.append(digits[place]) }
    }
}
