import Bridge

/// HTML in the making. What is interpolated is escaped, but for other HTML: text can't become markup by mistake.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ html: HTML) { text += html.text }
        mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
        mutating func appendInterpolation(_ value: some StringProtocol) { text += HTML.escaped(value) }
        mutating func appendInterpolation(_ value: Int) { text += String(value) }
    }

    /// Nothing.
    static let empty: HTML = ""

    let text: String

    init(stringLiteral markup: String) { text = markup }
    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    /// Text with the characters of markup as entities, and control characters as `\u{1B}`.
    private static func escaped(_ value: some StringProtocol) -> String {
        var result = ""
        for line in value.split(separator: "\n", omittingEmptySubsequences: false) {
            if !result.isEmpty || line.startIndex != value.startIndex { result += "\n" }
            // By scalars: what combines with one of these would hide it in a character of its own.
            for scalar in Printable.text(line).unicodeScalars {
                switch scalar {
                case "&": result += "&amp;"
                case "<": result += "&lt;"
                case ">": result += "&gt;"
                case "\"": result += "&quot;"
                case "'": result += "&#39;"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
