/// The elements of a JSON array, as places in its bytes.
package struct JSONArray {
    package let elements: [JSONValue]

    /// - Throws: `JSONError`; a text that is no array has no elements.
    package init(_ bytes: RawSpan) throws(JSONError) {
        var index = TopLevelIndex<Elements>()
        try JSONScanner.scan(bytes, into: &index)
        elements = index.kind == .array ? index.keys.values : []
    }
}

private struct Elements: TopLevelKeys {
    private(set) var values: [JSONValue] = []

    mutating func key(_ key: JSONString, in bytes: RawSpan) {}
    mutating func value(_ value: JSONValue) { values.append(value) }
}
