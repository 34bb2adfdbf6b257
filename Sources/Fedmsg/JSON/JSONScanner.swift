/// One checking pass over the bytes of a JSON text, as Python's `json.loads` reads them from UTF-8.
///
/// It accepts what Python does beyond the standard (`NaN`, `Infinity`, `-Infinity`, lone surrogates as escapes,
/// `1E400`) and refuses what Python refuses. Positions are passed and returned rather than kept, so that they stay
/// in registers.
enum JSONScanner {
    /// What the text must go on with.
    private enum Step {
        case value
        /// A key, its colon, and the white space after it.
        case key
        /// A comma or a closing bracket, or the end where nothing is open.
        case separator
    }

    /// Reads a whole text and tells `handler` what is in it.
    ///
    /// - Throws: `JSONError` at the first byte that does not fit.
    static func scan<Handler: JSONHandler & ~Copyable>(
        _ bytes: RawSpan,
        into handler: inout Handler
    ) throws(JSONError) {
        var nesting = JSONNesting()
        var position = skipWhiteSpace(in: bytes, from: 0)
        var step = Step.value
        while true {
            switch step {
            case .value:
                guard bytes.reaches(position) else { throw JSONError(offset: position, expected: .value) }
                step = .separator
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    let text = try scanString(in: bytes, from: position)
                    position = text.range.upperBound
                    handler.text(text)
                case UInt8(ascii: "{"):
                    guard nesting.push(isObject: true) else {
                        throw JSONError(offset: position, expected: .fewerLevels)
                    }
                    handler.beginObject(at: position)
                    position = skipWhiteSpace(in: bytes, from: position &+ 1)
                    if !isByte(UInt8(ascii: "}"), in: bytes, at: position) { step = .key }
                case UInt8(ascii: "["):
                    guard nesting.push(isObject: false) else {
                        throw JSONError(offset: position, expected: .fewerLevels)
                    }
                    handler.beginArray(at: position)
                    position = skipWhiteSpace(in: bytes, from: position &+ 1)
                    if !isByte(UInt8(ascii: "]"), in: bytes, at: position) { step = .value }
                case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    let (kind, end) = try scanNumber(in: bytes, from: position)
                    handler.scalar(kind, position..<end)
                    position = end
                default:
                    let (kind, end) = try scanLiteral(in: bytes, from: position)
                    handler.scalar(kind, position..<end)
                    position = end
                }
            case .key:
                guard isByte(UInt8(ascii: "\""), in: bytes, at: position) else {
                    throw JSONError(offset: position, expected: .key)
                }
                let key = try scanString(in: bytes, from: position)
                handler.key(key, in: bytes)
                position = skipWhiteSpace(in: bytes, from: key.range.upperBound)
                guard isByte(UInt8(ascii: ":"), in: bytes, at: position) else {
                    throw JSONError(offset: position, expected: .colon)
                }
                position = skipWhiteSpace(in: bytes, from: position &+ 1)
                step = .value
            case .separator:
                position = skipWhiteSpace(in: bytes, from: position)
                guard nesting.depth > 0 else {
                    guard position == bytes.byteCount else { throw JSONError(offset: position, expected: .end) }
                    return
                }
                let next = bytes.reaches(position) ? bytes[position] : 0
                if next == UInt8(ascii: ",") {
                    position = skipWhiteSpace(in: bytes, from: position &+ 1)
                    step = nesting.isInObject ? .key : .value
                } else if nesting.isInObject {
                    guard next == UInt8(ascii: "}") else {
                        throw JSONError(offset: position, expected: .commaOrBrace)
                    }
                    position &+= 1
                    nesting.pop()
                    handler.endObject(at: position, in: bytes)
                } else {
                    guard next == UInt8(ascii: "]") else {
                        throw JSONError(offset: position, expected: .commaOrBracket)
                    }
                    position &+= 1
                    nesting.pop()
                    handler.endArray(at: position)
                }
            }
        }
    }

    /// Past JSON's four: space, tab, line feed, carriage return.
    @inline(__always)
    static func skipWhiteSpace(in bytes: RawSpan, from start: Int) -> Int {
        var position = start
        while bytes.reaches(position) {
            let byte = bytes[position]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            position &+= 1
        }
        return position
    }

    @inline(__always)
    static func isByte(_ byte: UInt8, in bytes: RawSpan, at position: Int) -> Bool {
        bytes.reaches(position) && bytes[position] == byte
    }
}
