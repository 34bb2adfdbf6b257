/// A stranger's bytes made fit for a log line or a terminal.
public enum Printable {
    /// Text with control characters escaped, so that a line break or a terminal's escape forges nothing.
    public static func text(_ text: some StringProtocol) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar.isUnprintable {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// As ``text(_:)``, without a brace: each is an escape too, and the escapes are Python's, which have none.
    public static func textWithoutBraces(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += #"\n"#
            case "\r": result += #"\r"#
            case "\t": result += #"\t"#
            case "{", "}": result += scalar.pythonEscape
            default:
                if scalar.isUnprintable { result += scalar.pythonEscape } else { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }

    /// A value behind its key, as in `key=value`: in quotation marks, with escapes, where it would not end by itself.
    public static func value(_ text: String) -> String {
        let isPlain = !text.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        if isPlain, !text.isEmpty { return text }
        let escaped = text.replacingScalars("\\", with: #"\\"#).replacingScalars("\"", with: #"\""#)
        return "\"\(escaped)\""
    }

    /// The beginning of some bytes, read as UTF-8 with replacement characters.
    ///
    /// - Parameter limit: bytes that are shown.
    public static func beginning(_ bytes: some Collection<UInt8>, limit: Int) -> String {
        let shown = text(String(decoding: bytes.prefix(limit), as: UTF8.self))
        return bytes.count > limit ? shown + "…" : shown
    }
}

extension Unicode.Scalar {
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: true
        default: false
        }
    }

    fileprivate var pythonEscape: String {
        let digits = String(value, radix: 16)
        let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }
}
