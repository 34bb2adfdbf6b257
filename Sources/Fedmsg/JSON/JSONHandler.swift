/// Takes what `JSONScanner` finds, in the order of the text.
///
/// A handler keeps what it wants of an unfinished text at its own risk: an error may still follow.
protocol JSONHandler: ~Copyable {
    mutating func beginObject(at offset: Int)
    /// - Parameter end: past the closing brace.
    mutating func endObject(at end: Int, in bytes: RawSpan)
    mutating func beginArray(at offset: Int)
    /// - Parameter end: past the closing bracket.
    mutating func endArray(at end: Int)
    mutating func key(_ key: JSONString, in bytes: RawSpan)
    mutating func text(_ text: JSONString)
    /// A number, a boolean or null.
    mutating func scalar(_ kind: JSONValue.Kind, _ range: Range<Int>)
}

/// A string of the text, quotes included.
struct JSONString {
    let range: Range<Int>
    let isEscaped: Bool
    /// Bytes that it gains, at most, where all but printable ASCII is escaped.
    let growth: Int

    var contents: Range<Int> { range.lowerBound + 1..<range.upperBound - 1 }
}
