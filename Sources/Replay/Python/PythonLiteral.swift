import Fedmsg

/// Makes JSON of what Python's `repr` and `pprint` write of dictionaries, lists and their like.
///
/// It goes token by token: strings are written anew, words and brackets replaced, numbers and punctuation copied.
/// Whether the brackets fit, the JSON's reader finds out.
struct PythonLiteral {
    private enum Mode {
        /// Python 3: a string without a prefix is text.
        case text
        /// Python 2: it is bytes.
        case bytes
    }

    private let text: [UInt8]
    private var mode = Mode.text
    private var position = 0
    private var json: [UInt8] = []
    /// Where in `json` each open round bracket stands, and whether it has shown itself to be a tuple's.
    private var brackets: [(place: Int, isTuple: Bool)?] = []
    /// Decoded strings that stand side by side are one.
    private var string: [UInt8]?
    /// Seen: a `u` prefix or a long integer; nothing else tells the two Pythons apart.
    private var isPython2 = false
    private var hasHighBytesInPlain = false

    /// The JSON of a literal: no spaces, all but printable ASCII escaped.
    ///
    /// - Throws: `PythonLiteralError` for what `repr` does not write.
    static func json(_ text: [UInt8]) throws(PythonLiteralError) -> [UInt8] {
        guard String(validating: text, as: UTF8.self) != nil else {
            throw PythonLiteralError(offset: 0, problem: "not UTF-8")
        }
        var literal = PythonLiteral(text)
        try literal.transcode()
        if literal.isPython2, literal.hasHighBytesInPlain {
            literal = PythonLiteral(text)
            literal.mode = .bytes
            try literal.transcode()
        }
        return literal.json
    }

    private init(_ text: [UInt8]) {
        self.text = text
        json.reserveCapacity(text.count)
    }

    private var byte: UInt8? { position < text.count ? text[position] : nil }

    private mutating func transcode() throws(PythonLiteralError) {
        while let byte {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case UInt8(ascii: "'"), UInt8(ascii: "\""): try readString(prefix: nil)
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"),
                UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                finishString()
                punctuation(byte)
                position += 1
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                finishString()
                try readNumber()
            default:
                try readWord()
            }
        }
        finishString()
    }

    private mutating func punctuation(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "("):
            // A space until a comma shows that it is no mere grouping of strings.
            brackets.append((json.count, false))
            json.append(0x20)
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            brackets.append(nil)
            json.append(byte)
        case UInt8(ascii: ")"):
            dropTrailingComma()
            guard case .some(.some((let place, let isTuple))) = brackets.popLast() else { return json.append(byte) }
            if isTuple || place == json.count - 1 {
                json[place] = UInt8(ascii: "[")
                json.append(UInt8(ascii: "]"))
            }
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            dropTrailingComma()
            _ = brackets.popLast()
            json.append(byte)
        case UInt8(ascii: ","):
            if case .some(.some((let place, _))) = brackets.last { brackets[brackets.count - 1] = (place, true) }
            json.append(byte)
        default:
            json.append(byte)
        }
    }

    private mutating func dropTrailingComma() {
        if json.last == UInt8(ascii: ",") { json.removeLast() }
    }

    private mutating func finishString() {
        guard let decoded = string else { return }
        json.appendJSONString(decoded.span.bytes)
        string = nil
    }

    private mutating func readNumber() throws(PythonLiteralError) {
        let start = position
        if byte == UInt8(ascii: "-") {
            position += 1
            if byte == UInt8(ascii: "i") { return try readWord(sign: true) }
        }
        while let byte, byte.isPartOfNumber { position += 1 }
        json.append(contentsOf: text[start..<position])
        if byte == UInt8(ascii: "L") {
            isPython2 = true
            position += 1
        }
    }

    /// A word, or the prefix of a string.
    private mutating func readWord(sign: Bool = false) throws(PythonLiteralError) {
        let start = position
        while let byte, byte.isLetter { position += 1 }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\""), word == "u" || word == "b" {
            return try readString(prefix: word)
        }
        finishString()
        let written: String
        switch word {
        case "None", "null": written = "null"
        case "True", "true": written = "true"
        case "False", "false": written = "false"
        case "nan", "NaN": written = "NaN"
        case "inf", "Infinity": written = sign ? "-Infinity" : "Infinity"
        default: throw PythonLiteralError(offset: start, problem: "expected what Python's repr writes of JSON")
        }
        json.append(contentsOf: written.utf8)
    }

    private mutating func readString(prefix: String?) throws(PythonLiteralError) {
        let start = position
        if prefix == "u" { isPython2 = true }
        let isBytes = prefix == "b" || (prefix == nil && mode == .bytes)
        var reader = PythonString(text: text, position: position, isBytes: isBytes)
        var decoded = try reader.read()
        position = reader.position
        if prefix == nil, reader.hasHighEscapes { hasHighBytesInPlain = true }
        if isBytes, String(validating: decoded, as: UTF8.self) == nil {
            throw PythonLiteralError(offset: start, problem: "a byte string that is not UTF-8")
        }
        if let earlier = string { decoded = earlier + decoded }
        string = decoded
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

    fileprivate var isPartOfNumber: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
