/// What is to be done with the members of the outermost object, or the elements of the outermost array, all deeper ones aside.
protocol TopLevelKeys {
    init()
    mutating func key(_ key: JSONString, in bytes: RawSpan)
    /// The value of the key that came last, or an element.
    mutating func value(_ value: JSONValue)
}

/// Tells what the outermost container holds from what is inside that.
struct TopLevelIndex<Keys: TopLevelKeys>: JSONHandler {
    var keys = Keys()
    /// Of the whole text; meaningless before its end.
    private(set) var kind = JSONValue.Kind.null
    /// The most containers that were open at a time.
    private(set) var deepest = 0
    private var depth = 0
    private var start = 0

    @inline(__always)
    mutating func key(_ key: JSONString, in bytes: RawSpan) {
        if depth == 1, kind == .object { keys.key(key, in: bytes) }
    }

    @inline(__always)
    mutating func text(_ text: JSONString) {
        if depth <= 1 { found(.text(escaped: text.isEscaped), text.range) }
    }

    @inline(__always)
    mutating func scalar(_ kind: JSONValue.Kind, _ range: Range<Int>) {
        if depth <= 1 { found(kind, range) }
    }

    @inline(__always)
    mutating func beginObject(at offset: Int) { begin(.object, at: offset) }

    @inline(__always)
    mutating func endObject(at end: Int, in bytes: RawSpan) { self.end(.object, at: end) }

    @inline(__always)
    mutating func beginArray(at offset: Int) { begin(.array, at: offset) }

    @inline(__always)
    mutating func endArray(at end: Int) { self.end(.array, at: end) }

    @inline(__always)
    private mutating func begin(_ kind: JSONValue.Kind, at offset: Int) {
        if depth == 0 { self.kind = kind }
        if depth == 1 { start = offset }
        depth += 1
        deepest = max(deepest, depth)
    }

    @inline(__always)
    private mutating func end(_ kind: JSONValue.Kind, at end: Int) {
        depth -= 1
        if depth == 1 { found(kind, start..<end) }
    }

    private mutating func found(_ kind: JSONValue.Kind, _ range: Range<Int>) {
        if depth == 0 {
            self.kind = kind
        } else {
            keys.value(JSONValue(kind: kind, range: range))
        }
    }
}

/// For a text of which only the kind is asked.
struct NoKeys: TopLevelKeys {
    mutating func key(_ key: JSONString, in bytes: RawSpan) {}
    mutating func value(_ value: JSONValue) {}
}
