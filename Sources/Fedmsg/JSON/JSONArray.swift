/// The elements of a JSON array, as places in its bytes.
package struct JSONArray {
    package let elements: [JSONValue]

    /// - Throws: `JSONError`; a text that is no array has no elements.
    package init(_ bytes: RawSpan) throws(JSONError) {
        var index = ElementIndex()
        try JSONScanner.scan(bytes, into: &index)
        elements = index.elements
    }
}

private struct ElementIndex: JSONHandler {
    private(set) var elements: [JSONValue] = []
    private var isArray = false
    private var depth = 0
    private var start = 0

    mutating func beginObject(at offset: Int) { begin(at: offset) }

    mutating func endObject(at end: Int, in bytes: RawSpan) { self.end(.object, at: end) }

    mutating func beginArray(at offset: Int) {
        if depth == 0 { isArray = true }
        begin(at: offset)
    }

    mutating func endArray(at end: Int) { self.end(.array, at: end) }

    mutating func key(_ key: JSONString, in bytes: RawSpan) {}

    mutating func text(_ text: JSONString) { scalar(.text(escaped: text.isEscaped), text.range) }

    mutating func scalar(_ kind: JSONValue.Kind, _ range: Range<Int>) {
        if depth == 1, isArray { elements.append(JSONValue(kind: kind, range: range)) }
    }

    private mutating func begin(at offset: Int) {
        if depth == 1 { start = offset }
        depth += 1
    }

    private mutating func end(_ kind: JSONValue.Kind, at end: Int) {
        depth -= 1
        scalar(kind, start..<end)
    }
}
