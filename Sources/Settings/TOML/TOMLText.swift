/// Values written as TOML.
enum TOMLText {
    /// A key, bare where TOML allows it.
    static func key(_ name: String) -> String {
        let bare = name.utf8.allSatisfy(isBare)
        return bare && !name.isEmpty ? name : string(name)
    }

    /// Whether a bare key may hold `byte`.
    static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// A basic string on one line, control characters escaped.
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.properties.generalCategory == .control:
                let hex = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A value on one line: arrays and tables inline, tables in order of keys.
    static func value(_ value: ConfigurationValue) -> String {
        switch value {
        case .string(let text): string(text)
        case .int(let number): String(number)
        case .double(let number): double(number)
        case .bool(let flag): flag ? "true" : "false"
        case .array(let elements): "[" + elements.map { self.value($0) }.joined(separator: ", ") + "]"
        case .table(let entries) where entries.isEmpty: "{}"
        case .table(let entries):
            "{ "
                + entries.sorted { $0.key < $1.key }.map { "\(key($0.key)) = \(self.value($0.value))" }
                .joined(separator: ", ") + " }"
        }
    }

    private static func double(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        return String(number)
    }
}

extension TOMLText {
    /// A number for a sentence: whole ones without a fraction.
    static func short(_ number: Double) -> String {
        Int(exactly: number).map { String($0) } ?? String(number)
    }
}

extension TOMLText {
    /// Text on one line, control characters escaped, for a comment.
    static func comment(_ text: String) -> String { String(string(text).dropFirst().dropLast()) }
}
