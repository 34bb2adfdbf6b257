import Fedmsg
import Testing

@Suite("JSONScanner")
struct JSONScannerTests {
    @Test(
        "what Python's json.loads reads is JSON",
        arguments: [
            "{}", "[]", "\"\"", "0", " \t\r\n{ } \t\r\n", "[1,2 , 3]", #"{"a":{"b":[{}]},"c":null}"#,
            "true", "false", "null", "NaN", "Infinity", "-Infinity", "[NaN,-Infinity]",
            "-0", "-0.0", "10", "1E400", "1e-400", "0.5", "1.5e+3", "-1.25E-7", "0e0",
            #""\"\\\/\b\f\n\r\t\u00e9\uABCD""#, #""\ud800""#, #""\udc00\ud800x""#, #""\ud83d\ude00""#,
            "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"", #"{"":0,"":1}"#,
        ]
    )
    func reads(_ text: String) {
        #expect(Verdict(text) == .json)
    }

    @Test(
        "a text that is none is refused at its first wrong byte",
        arguments: [
            ("", .fails(at: 0, .value)), ("  ", .fails(at: 2, .value)), ("[", .fails(at: 1, .value)),
            ("[1", .fails(at: 2, .commaOrBracket)), ("[1,]", .fails(at: 3, .value)), ("[,1]", .fails(at: 1, .value)),
            ("{", .fails(at: 1, .key)), (#"{"a""#, .fails(at: 4, .colon)), (#"{"a":}"#, .fails(at: 5, .value)),
            (#"{"a":1,}"#, .fails(at: 7, .key)), (#"{"a":1]"#, .fails(at: 6, .commaOrBrace)),
            ("{a:1}", .fails(at: 1, .key)), ("{'a':1}", .fails(at: 1, .key)), ("[1}", .fails(at: 2, .commaOrBracket)),
            ("{} x", .fails(at: 3, .end)), ("1 2", .fails(at: 2, .end)), ("]", .fails(at: 0, .value)),
            ("tru", .fails(at: 0, .value)), ("True", .fails(at: 0, .value)), ("nul", .fails(at: 0, .value)),
            ("nan", .fails(at: 0, .value)), ("-NaN", .fails(at: 1, .digit)), ("-Inf", .fails(at: 1, .value)),
            ("+1", .fails(at: 0, .value)), ("01", .fails(at: 1, .end)), ("-01", .fails(at: 2, .end)),
            ("-", .fails(at: 1, .digit)), ("1.", .fails(at: 2, .digit)), (".5", .fails(at: 0, .value)),
            ("1e", .fails(at: 2, .digit)), ("1e+", .fails(at: 3, .digit)), ("0x10", .fails(at: 1, .end)),
            ("1_000", .fails(at: 1, .end)), ("\u{FEFF}{}", .fails(at: 0, .value)), ("\u{A0}1", .fails(at: 0, .value)),
            ("\u{0C}1", .fails(at: 0, .value)), ("[1,\u{0}2]", .fails(at: 3, .value)),
            ("// c\n1", .fails(at: 0, .value)),
        ] as [(String, Verdict)]
    )
    func refuses(_ text: String, at verdict: Verdict) {
        #expect(Verdict(text) == verdict)
    }

    @Test(
        "a string that is none is refused at its first wrong byte",
        arguments: [
            (#"""#, .fails(at: 1, .quote)), (#""abc"#, .fails(at: 4, .quote)),
            (#""abcdefghij"#, .fails(at: 11, .quote)),
            (#""\x""#, .fails(at: 1, .escape)), (#""\"#, .fails(at: 1, .escape)),
            (#""\U0041""#, .fails(at: 1, .escape)),
            (#""\u00g0""#, .fails(at: 5, .hexDigit)), (#""\u12"#, .fails(at: 5, .hexDigit)),
            (#""\ud800\u12""#, .fails(at: 11, .hexDigit)), (#""\u 041""#, .fails(at: 3, .hexDigit)),
            ("\"a\u{0}\"", .fails(at: 2, .noControlCharacter)),
            ("\"abcdefg\u{1F}ij\"", .fails(at: 8, .noControlCharacter)),
            ("\"\n\"", .fails(at: 1, .noControlCharacter)), ("\"é\t\"", .fails(at: 3, .noControlCharacter)),
            ("{\"\t\":1}", .fails(at: 2, .noControlCharacter)),
        ] as [(String, Verdict)]
    )
    func refusesString(_ text: String, at verdict: Verdict) {
        #expect(Verdict(text) == verdict)
    }

    @Test(
        "bytes that are not UTF-8 are refused as Python's strict decoder refuses them",
        arguments: [
            .quoted(0x80), .quoted(0xBF), .quoted(0xC0, 0x80), .quoted(0xC1, 0xBF), .quoted(0xC2), .quoted(0xC2, 0x41),
            .quoted(0xE0, 0x80, 0x80), .quoted(0xE0, 0x9F, 0xBF), .quoted(0xE1, 0x80), .quoted(0xE1, 0x80, 0xC0),
            .quoted(0xED, 0xA0, 0x80), .quoted(0xED, 0xBF, 0xBF), .quoted(0xF0, 0x8F, 0xBF, 0xBF),
            .quoted(0xF0, 0x90, 0x80), .quoted(0xF0, 0x90, 0x80, 0x22), .quoted(0xF4, 0x90, 0x80, 0x80),
            .quoted(0xF5, 0x80, 0x80, 0x80), .quoted(0xFF), .quoted(0xFE),
        ] as [[UInt8]]
    )
    func refusesNoUTF8(_ bytes: [UInt8]) {
        #expect(Verdict(bytes) == .fails(at: 1, .utf8))
        #expect(Verdict([0x22] + Array("12345678é".utf8) + bytes.dropFirst()) == .fails(at: 11, .utf8))
    }

    @Test("900 levels are read, one more is refused, and 200,000 open brackets do no harm")
    func limitsDepth() {
        let open = [UInt8](repeating: UInt8(ascii: "["), count: 900)
        let close = [UInt8](repeating: UInt8(ascii: "]"), count: 900)
        #expect(Verdict(open + close) == .json)
        #expect(Verdict(open + Array("[]".utf8) + close) == .fails(at: 900, .fewerLevels))
        #expect(Verdict(open + Array("{}".utf8) + close) == .fails(at: 900, .fewerLevels))
        #expect(Verdict([UInt8](repeating: UInt8(ascii: "["), count: 200_000)) == .fails(at: 900, .fewerLevels))
    }

    @Test("objects and arrays are told apart at every depth", arguments: [1, 2, 63, 64, 65, 128, 129, 899])
    func remembersContainers(_ depth: Int) {
        var generator = SplitMix64(seed: UInt64(depth))
        let areObjects = (0..<depth).map { _ in Bool.random(using: &generator) }
        let open = areObjects.map { $0 ? #"{"k":"# : "[" }.joined()
        let close = areObjects.reversed().map { $0 ? "}" : "]" }
        #expect(Verdict(open + "1" + close.joined()) == .json)
        for place in close.indices {
            var wrong = close
            wrong[place] = close[place] == "}" ? "]" : "}"
            let expectation: JSONError.Expectation = close[place] == "}" ? .commaOrBrace : .commaOrBracket
            #expect(Verdict(open + "1" + wrong.joined()) == .fails(at: open.utf8.count + 1 + place, expectation))
        }
    }

    @Test("an integer has at most 4300 digits, its sign not counted; a float any number")
    func limitsIntegers() {
        let longest = "1" + String(repeating: "0", count: 4299)
        #expect(Verdict(longest) == .json)
        #expect(Verdict("-" + longest) == .json)
        #expect(Verdict("[" + longest + "0]") == .fails(at: 1, .fewerDigits))
        #expect(Verdict("-" + longest + "0") == .fails(at: 1, .fewerDigits))
        #expect(Verdict(longest + "0.0") == .json)
        #expect(Verdict(longest + "0e0") == .json)
    }

    @Test("where eight bytes begin makes no difference", arguments: 0..<33)
    func findsEndsAtEveryAlignment(_ length: Int) {
        let filler = String(repeating: "x", count: length)
        #expect(Verdict("\"\(filler)\"") == .json)
        #expect(Verdict("\"\(filler)\\n\(filler)\"") == .json)
        #expect(Verdict("\"\(filler)é\(filler)\"") == .json)
        #expect(Verdict("\"\(filler)\u{1}\(filler)\"") == .fails(at: length + 1, .noControlCharacter))
        #expect(Verdict("\"\(filler)\" ") == .json)
        #expect(Verdict("\"\(filler)") == .fails(at: length + 1, .quote))
    }

    @Test("every beginning of a text is refused, none traps")
    func refusesBeginnings() {
        let text = Array(#"{"kéy":[1.5e3,-2,"a\u00e9\ud83d\ude00😀",true,null,NaN,-Infinity,{"":{}}]}"#.utf8)
        #expect(Verdict(text) == .json)
        for length in text.indices {
            #expect(Verdict(Array(text[..<length])) != .json, "\(length) bytes")
        }
    }
}
