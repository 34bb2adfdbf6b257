/// A JSON value as a place in the bytes that were scanned: nothing is decoded before somebody asks.
public struct JSONValue: Hashable, Sendable {
    /// What the value is. Python's `NaN` and `Infinity` are floats.
    public enum Kind: Hashable, Sendable {
        case object
        case array
        /// `escaped`: it has a backslash, so its bytes between the quotes are not the text itself.
        case text(escaped: Bool)
        /// A number without fraction and exponent.
        case integer
        case float
        case bool(Bool)
        case null
    }

    /// What it is, as far as it was looked at.
    public let kind: Kind
    /// From the value's first byte to past its last: quotes and brackets included, white space around it not.
    public let range: Range<Int>

    /// The text's bytes where they are the text, which is where nothing in it is escaped.
    public var plainText: Range<Int>? {
        guard kind == .text(escaped: false) else { return nil }
        return range.lowerBound + 1..<range.upperBound - 1
    }
}
