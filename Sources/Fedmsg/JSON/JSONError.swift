/// Where a text stops being JSON as Python's `json.loads` reads it, and what should have stood there.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the scanner was ready for.
    public enum Expectation: String, Hashable, Sendable {
        case value = "a value"
        case key = "a key in quotes"
        case colon = "':'"
        case commaOrBrace = "',' or '}'"
        case commaOrBracket = "',' or ']'"
        case end = "the end of the text"
        case quote = "a closing quote"
        case escape = "one of the escapes of JSON"
        case hexDigit = "a hexadecimal digit"
        case noControlCharacter = "an escape in place of a control character"
        case utf8 = "UTF-8"
        case digit = "a digit"
        case fewerLevels = "at most 900 levels"
        case fewerDigits = "an integer of at most 4300 digits"
        case fewerBytes = "less than 2 GiB"
    }

    /// Offset in bytes of the first one that does not fit.
    public let offset: Int
    /// What would have fitted.
    public let expected: Expectation

    /// An error at an offset in bytes.
    public init(offset: Int, expected: Expectation) {
        self.offset = offset
        self.expected = expected
    }

    /// For example "byte 12: expected a value".
    public var description: String { "byte \(offset): expected \(expected.rawValue)" }
}
