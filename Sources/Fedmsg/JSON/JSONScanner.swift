/// One checking pass over the bytes of a JSON text, as Python's `json.loads` reads them from UTF-8.
///
/// It accepts what Python does beyond the standard (`NaN`, `Infinity`, `-Infinity`, lone surrogates as escapes,
/// `1E400`) and refuses what Python refuses. The bytes are handed to each method, as a type that keeps a span
/// of somebody else's memory could not be written in the language as it is.
struct JSONScanner {
    /// Offset of the byte that is next.
    var position = 0

    /// Reads a whole text and tells `handler` what is in it.
    ///
    /// - Throws: `JSONError` at the first byte that does not fit.
    static func scan<Handler: JSONHandler & ~Copyable>(
        _ bytes: RawSpan,
        into handler: inout Handler
    ) throws(JSONError) {
        var scanner = JSONScanner()
        var nesting = JSONNesting()
        scanner.skipWhiteSpace(in: bytes)
        repeat {
            try scanner.scanValue(in: bytes, nesting: &nesting, into: &handler)
        } while try scanner.findNextValue(in: bytes, nesting: &nesting, into: &handler)
        scanner.skipWhiteSpace(in: bytes)
        guard scanner.position == bytes.byteCount else { throw scanner.failure(.end) }
    }

    /// Reads a scalar, an empty container, or goes through opening brackets and first keys to the first of those.
    @inline(__always)
    private mutating func scanValue<Handler: JSONHandler & ~Copyable>(
        in bytes: RawSpan,
        nesting: inout JSONNesting,
        into handler: inout Handler
    ) throws(JSONError) {
        while true {
            guard position < bytes.byteCount else { throw failure(.value) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                handler.text(try scanString(in: bytes))
                return
            case UInt8(ascii: "{"):
                guard nesting.push(isObject: true) else { throw failure(.fewerLevels) }
                handler.beginObject(at: position)
                position += 1
                skipWhiteSpace(in: bytes)
                if isNext(UInt8(ascii: "}"), in: bytes) {
                    position += 1
                    nesting.pop()
                    handler.endObject(at: position)
                    return
                }
                try scanKey(in: bytes, into: &handler)
            case UInt8(ascii: "["):
                guard nesting.push(isObject: false) else { throw failure(.fewerLevels) }
                handler.beginArray(at: position)
                position += 1
                skipWhiteSpace(in: bytes)
                if isNext(UInt8(ascii: "]"), in: bytes) {
                    position += 1
                    nesting.pop()
                    handler.endArray(at: position)
                    return
                }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let start = position
                handler.scalar(try scanNumber(in: bytes), start..<position)
                return
            default:
                let start = position
                handler.scalar(try scanLiteral(in: bytes), start..<position)
                return
            }
        }
    }

    /// After a value: goes through closing brackets to the comma, and past the key that follows in an object.
    ///
    /// - Returns: false where nothing is open any more.
    @inline(__always)
    private mutating func findNextValue<Handler: JSONHandler & ~Copyable>(
        in bytes: RawSpan,
        nesting: inout JSONNesting,
        into handler: inout Handler
    ) throws(JSONError) -> Bool {
        while nesting.depth > 0 {
            skipWhiteSpace(in: bytes)
            let next = position < bytes.byteCount ? bytes[position] : 0
            if next == UInt8(ascii: ",") {
                position += 1
                skipWhiteSpace(in: bytes)
                if nesting.isInObject { try scanKey(in: bytes, into: &handler) }
                return true
            }
            if nesting.isInObject {
                guard next == UInt8(ascii: "}") else { throw failure(.commaOrBrace) }
                position += 1
                nesting.pop()
                handler.endObject(at: position)
            } else {
                guard next == UInt8(ascii: "]") else { throw failure(.commaOrBracket) }
                position += 1
                nesting.pop()
                handler.endArray(at: position)
            }
        }
        return false
    }

    @inline(__always)
    private mutating func scanKey<Handler: JSONHandler & ~Copyable>(
        in bytes: RawSpan,
        into handler: inout Handler
    ) throws(JSONError) {
        guard isNext(UInt8(ascii: "\""), in: bytes) else { throw failure(.key) }
        handler.key(try scanString(in: bytes), in: bytes)
        skipWhiteSpace(in: bytes)
        guard isNext(UInt8(ascii: ":"), in: bytes) else { throw failure(.colon) }
        position += 1
        skipWhiteSpace(in: bytes)
    }

    /// JSON's four: space, tab, line feed, carriage return.
    @inline(__always)
    mutating func skipWhiteSpace(in bytes: RawSpan) {
        while position < bytes.byteCount {
            let byte = bytes[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    @inline(__always)
    func isNext(_ byte: UInt8, in bytes: RawSpan) -> Bool {
        position < bytes.byteCount && bytes[position] == byte
    }

    func failure(_ expected: JSONError.Expectation) -> JSONError {
        JSONError(offset: position, expected: expected)
    }
}
