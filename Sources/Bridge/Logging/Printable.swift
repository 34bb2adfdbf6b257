/// A stranger's bytes made fit for a log line or a terminal.
public enum Printable {
    /// Text with control characters escaped, so that a line break or a terminal's escape forges nothing.
    public static func text(_ text: some StringProtocol) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
                result += scalar.escaped(asASCII: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The beginning of some bytes, read as UTF-8 with replacement characters.
    ///
    /// - Parameter limit: bytes that are shown.
    public static func beginning(_ bytes: some Collection<UInt8>, limit: Int) -> String {
        let shown = text(String(decoding: bytes.prefix(limit), as: UTF8.self))
        return bytes.count > limit ? shown + "…" : shown
    }
}
