extension [UInt8] {
    /// Appends UTF-8 as a JSON string with its quotes, all that is not printable ASCII escaped.
    package mutating func appendJSONString(_ text: RawSpan) {
        append(capacity: text.escapedCapacity) { $0.appendString(text) }
    }

    /// Appends text as a JSON string with its quotes, all that is not printable ASCII escaped.
    package mutating func appendJSONString(_ text: String) {
        appendJSONString(text.utf8Span.span.bytes)
    }

    /// Appends a code point as UTF-8, a lone surrogate as the three bytes that UTF-8 forbids.
    package mutating func appendUTF8(_ scalar: UInt32) {
        switch scalar {
        case ..<0x80: append(UInt8(scalar))
        case ..<0x800:
            append(UInt8(0xC0 | scalar >> 6))
            append(UInt8(0x80 | scalar & 0x3F))
        case ..<0x10000:
            append(UInt8(0xE0 | scalar >> 12))
            append(UInt8(0x80 | scalar >> 6 & 0x3F))
            append(UInt8(0x80 | scalar & 0x3F))
        default:
            append(UInt8(0xF0 | scalar >> 18))
            append(UInt8(0x80 | scalar >> 12 & 0x3F))
            append(UInt8(0x80 | scalar >> 6 & 0x3F))
            append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}

extension JSONValue {
    /// Whether bytes are what Python's `json.loads` reads.
    ///
    /// - Parameter outerLevels: objects and arrays in which they are to stand.
    package static func isJSON(_ bytes: RawSpan, outerLevels: Int = 0) -> Bool {
        var index = TopLevelIndex<NoKeys>()
        guard (try? JSONScanner.scan(bytes, into: &index)) != nil else { return false }
        return index.deepest + outerLevels <= JSONNesting.limit
    }
}
