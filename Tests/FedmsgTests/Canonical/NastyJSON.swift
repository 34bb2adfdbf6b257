/// Makes JSON texts of every kind that has two ways of being read, and spoils some of them.
struct NastyJSON {
    private var generator: SplitMix64
    private var text: [UInt8] = []

    /// Bytes after which a text gets no deeper: some of the others would be of many megabytes.
    private static let largeEnough = 2000

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    /// One text: one in four is spoilt, of which some stay JSON.
    mutating func next() -> [UInt8] {
        text.removeAll(keepingCapacity: true)
        if chance(400) {
            writeDeep()
        } else {
            writeValue(levels: pick([0, 1, 2, 3, 5]))
        }
        if chance(4) { spoil() }
        return text
    }

    /// An envelope with credentials, and often with what datanommer adds.
    mutating func nextEnvelope() -> [UInt8] {
        text.removeAll(keepingCapacity: true)
        let stored = [#""source_name":"datanommer""#, #""source_version":"0.9.0""#]
        var members = [#""msg":{"b":1e5,"a":{}}"#, #""signature":"c2ln\n""#, #""certificate":"Q0VS""#, #""i":7"#]
        for member in stored where !chance(4) { members.append(member) }
        let headers = ["{}", "{ }", "null", "[]", "[ ]", "\"\"", "0", "-0", "0.0", "-0.0", "0e9", "false", "1e-400"]
        members.append(#""headers":"# + pick(headers + [#"{"a":1}"#, "[0]", "\" \"", "1", "0.1", "true", "NaN"]))
        let times = ["0", "-0", "1564513942", "1564513942.0", "1564513942.75", "-1.5", "-0.5", "1e18", "1E400", "NaN"]
        let texts = [
            " 1564513942\\n", "+5", "-0", "1_0", "_1", "1__0", "1_", "", " ", "1.0", "0x1", "007", "- 1", "\\u0031",
        ]
        members.append(
            #""timestamp":"# + pick(times + ["true", "false", "null", "[]", "{}"] + texts.map { "\"\($0)\"" })
        )
        if chance(3) { members.append(#""\u0073ignature":{"x":[{}]}"#) }
        if chance(3) { members.append(#""signature":null"#) }
        if chance(5) { members.append(#""\u0068eaders":{"x":[{}]}"#) }
        if chance(5) { members.append(#""timestamp":1.5"#) }
        if chance(5) { members.append(#""certificates":[{"signature":1}]"#) }
        members.shuffle(using: &generator)
        text = Array("{\(members.joined(separator: chance(2) ? "," : " , "))}".utf8)
        return text
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &generator) == 0 }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &generator)]
    }

    private mutating func upTo(_ limit: Int) -> Int { Int.random(in: 0...limit, using: &generator) }

    private mutating func write(_ string: String) { text.append(contentsOf: string.utf8) }

    private mutating func writeSpace() {
        if chance(4) { write(pick([" ", "\n", "\t", "\r\n", "   "])) }
    }

    private mutating func writeValue(levels: Int) {
        writeSpace()
        switch levels == 0 || text.count > Self.largeEnough ? upTo(3) : upTo(7) {
        case 0: writeString()
        case 1: writeFloat()
        case 2: writeInteger()
        case 3: write(pick(["true", "false", "null", "NaN", "Infinity", "-Infinity"]))
        case 4: writeSequence("[", "]", upTo(5)) { $0.writeValue(levels: levels - 1) }
        default:
            // Few enough keys for insertion, and enough for a merge.
            writeSequence("{", "}", chance(10) ? upTo(60) : upTo(8)) { json in
                json.writeSpace()
                json.writeKey()
                json.writeSpace()
                json.write(":")
                json.writeValue(levels: levels - 1)
            }
        }
        writeSpace()
    }

    private mutating func writeSequence(_ open: String, _ close: String, _ count: Int, _ item: (inout Self) -> Void) {
        write(open)
        for place in 0..<count {
            if place > 0 { write(",") }
            item(&self)
        }
        write(close)
    }

    private mutating func writeDeep() {
        let depth = pick([2, 63, 64, 65, 128, 890])
        var close: [UInt8] = []
        for _ in 0..<depth {
            let isObject = chance(2)
            write(isObject ? #"{"k":"# : "[")
            close.append(UInt8(ascii: isObject ? "}" : "]"))
        }
        writeInteger()
        text.append(contentsOf: close.reversed())
    }
}

// MARK: - Strings

extension NastyJSON {
    /// From few texts, in many spellings, so that duplicates come about.
    private mutating func writeKey() {
        if chance(3) { return writeString() }
        let common = "the same beginning of more than eight bytes "
        let letters: [Character] = pick([
            [], ["a"], ["b"], ["a", "b"], ["a", "\u{0}"], ["é"], ["\u{FFFD}"], ["\u{10000}"], ["\u{FFFF}"], ["/"],
            Array("12345678"), Array("123456789"), Array("12345678\u{0}"), Array(common + "a"), Array(common + "é"),
            Array(common), ["\u{7F}"], ["\""], ["\\"],
        ])
        write("\"")
        for letter in letters { writeSpelt(letter) }
        write("\"")
    }

    private mutating func writeString() {
        write("\"")
        for _ in 0..<upTo(chance(20) ? 60 : 6) {
            switch upTo(9) {
            case 0: write(String(repeating: "x", count: upTo(20)))
            case 1: write(pick([#"\ud800"#, #"\uDBFF"#, #"\udc00"#, #"\udfff"#, #"\uD83D\uDE00"#, #"\ud83d\u0041"#]))
            case 2:
                write(pick([#"\n"#, #"\t"#, #"\b"#, #"\f"#, #"\r"#, #"\/"#, #"\\"#, #"\""#, #"\u000b"#, #"\u002F"#]))
            default:
                writeSpelt(pick(["a", "é", "\u{7F}", "\u{80}", "\u{7FF}", "日", "\u{FFFF}", "😀", "\u{10FFFF}", "/"]))
            }
        }
        write("\"")
    }

    /// As it is, or as an escape.
    private mutating func writeSpelt(_ character: Character) {
        let mustEscape = character == "\"" || character == "\\" || character == "\u{0}"
        guard mustEscape || chance(4) else { return write(String(character)) }
        for unit in String(character).utf16 {
            let hex = String(unit, radix: 16, uppercase: chance(2))
            write("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
        }
    }
}

// MARK: - Numbers

extension NastyJSON {
    private mutating func writeInteger() {
        let count = chance(200) ? pick([4299, 4300, 4301]) : chance(10) ? upTo(40) + 1 : upTo(6) + 1
        if chance(4) { write("-") }
        count == 1 ? write(String(upTo(9))) : writeDigits(count)
    }

    /// The first is not a zero.
    private mutating func writeDigits(_ count: Int) {
        for place in 0..<count { write(String(place == 0 ? 1 + upTo(8) : chance(3) ? pick([0, 9]) : upTo(9))) }
    }

    private mutating func writeFloat() {
        if chance(4) { write("-") }
        switch upTo(5) {
        case 0:
            // Any float at all, in the digits that it needs.
            let value = Double(bitPattern: generator.next() & 0x7FFF_FFFF_FFFF_FFFF)
            write(value.isFinite ? value.description : "1e999")
        case 1:
            write(pick(Self.edges))
        case 2:
            // Half way between two floats, or nearly: where rounding must look at every digit.
            let value = Double(UInt64(1) << 53 | (generator.next() & 0xF_FFFF_FFFF_FFFF))
            write(String(UInt64(value) << 1 | 1) + pick([".0", ".5", ".000000000000000000000000000001", "e0", "e-5"]))
        default:
            chance(3) ? write("0") : writeDigits(1 + upTo(chance(30) ? 400 : 17))
            let hasFraction = !chance(3)
            if hasFraction {
                write("." + String(repeating: "0", count: chance(3) ? upTo(8) : 0))
                chance(6) ? write("0") : writeDigits(1 + upTo(17))
                if chance(5) { write("000") }
            }
            if !hasFraction || chance(2) {
                write(pick(["e", "E"]) + pick(["", "+", "-"]) + pick(["", "0"]))
                write(String(upTo(chance(4) ? 400 : 25)))
            }
        }
    }

    private static let edges = [
        "1e16", "9999999999999998.0", "1e15", "123456789012345680.0", "1e17", "0.0001", "0.00001", "1e-4", "1e-5",
        "5e-324", "2e-324", "3e-324", "2.2250738585072014e-308", "2.2250738585072011e-308", "1.7976931348623157e308",
        "1.7976931348623158e308", "1.7976931348623159e308", "1.8e308", "1E400", "1e-400", "0e99999999999999999999",
        "1e99999999999999999999", "1e-99999999999999999999", "0.1", "0.30000000000000004", "1e22", "1e23", "9e22",
        "9007199254740993.0", "18014398509481985.0", "4.35", "0.000000000000000000000000000000000001e36",
        "100000000000000000000000000000e-29", "123456789012345e-290", "123456789012345e290", "1.0", "0.0", "0e0",
        "179769313486231570000000000000000000000e270", "4.9406564584124654e-324", "2.4703282292062327e-324",
        "2.4703282292062328e-324", "9.5367431640625e-07", "1e290", "1e291", "1e-290", "1e-291", "1e-292",
    ]
}

// MARK: - Mistakes

extension NastyJSON {
    private mutating func spoil() {
        for _ in 0...upTo(2) {
            guard !text.isEmpty else { return }
            let place = Int.random(in: text.indices, using: &generator)
            switch upTo(6) {
            case 0: text.remove(at: place)
            case 1: text[place] = UInt8.random(in: 0...255, using: &generator)
            case 2: text.insert(pick(Array(#"{}[]",:\0-+.eEtnNI/"#.utf8)), at: place)
            case 3: text.insert(contentsOf: pick(Self.badUTF8), at: place)
            case 4: text.removeSubrange(place...)
            case 5: text.insert(pick([0x00, 0x09, 0x0A, 0x0B, 0x0C, 0x1F, 0x20, 0x7F]), at: place)
            default: text.append(contentsOf: pick([" ", "x", "{}", "\u{0}", ",", "\u{FEFF}"]).utf8)
            }
        }
    }

    private static let badUTF8: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEF, 0xBB, 0xBF],
        [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE2, 0x80, 0xA8],
    ]
}
