extension ConfigurationValue {
    /// What stood there, for a sentence: short, passwords in URLs hidden, control characters escaped.
    var summary: String {
        switch self {
        case .string(let text) where text.isEmpty: "empty text"
        case .string(let text): "the text " + TOMLText.string(Self.cut(BrokerURL.masked(text)))
        case .int(let number): String(number)
        case .double, .bool: TOMLText.value(self)
        case .array(let elements): elements.isEmpty ? "an empty list" : "a list"
        case .table: "a table"
        }
    }

    private static func cut(_ text: String) -> String {
        text.count > 80 ? text.prefix(79) + "…" : text
    }
}
