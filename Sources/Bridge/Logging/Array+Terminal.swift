extension [UInt8] {
    /// The same JSON with what a terminal would act on written as escapes: control and formatting characters, which
    /// can stand in strings only.
    public func escapingControlCharacters() -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        for scalar in String(decoding: self, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar.value < 0x20: result.append(UInt8(scalar.value))
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse:
                for unit in UTF16.encode(scalar) ?? .init() {
                    let digits = String(unit, radix: 16)
                    result.append(contentsOf: #"\u"#.utf8)
                    result.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
                    result.append(contentsOf: digits.utf8)
                }
            default: result.append(contentsOf: UTF8.encode(scalar) ?? .init())
            }
        }
        return result
    }
}
