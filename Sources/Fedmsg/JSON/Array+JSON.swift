extension [UInt8] {
    /// Appends UTF-8 as a JSON string with its quotes, all that is not printable ASCII escaped.
    package mutating func appendJSONString(_ text: RawSpan) {
        append(capacity: text.escapedByteCount) { $0.appendString(text) }
    }

    /// Appends text as a JSON string with its quotes, all that is not printable ASCII escaped.
    package mutating func appendJSONString(_ text: String) {
        appendJSONString(text.utf8Span.span.bytes)
    }
}

extension JSONValue {
    /// Whether bytes are what Python's `json.loads` reads.
    package static func isJSON(_ bytes: RawSpan) -> Bool {
        var index = TopLevelIndex<NoKeys>()
        return (try? JSONScanner.scan(bytes, into: &index)) != nil
    }
}
