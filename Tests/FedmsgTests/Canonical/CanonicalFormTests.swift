import Fedmsg
import Testing

@Suite("CanonicalForm")
struct CanonicalFormTests {
    private func canonical(_ text: String, omitting omitted: Envelope.KeySet = []) throws -> String {
        let bytes = Array(text.utf8)
        var form = CanonicalForm()
        var output: [UInt8] = []
        try form.write(bytes.span.bytes, omitting: omitted, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        "white space goes, literals stay",
        arguments: [
            (" { \"a\" : [ 1 , true , null ] } \n", #"{"a":[1,true,null]}"#), ("[ ]", "[]"), ("{ }", "{}"),
            ("[[],{},[[]],false]", "[[],{},[[]],false]"), ("[NaN,Infinity,-Infinity]", "[NaN,Infinity,-Infinity]"),
            ("1", "1"), ("\"a\"", "\"a\""),
        ]
    )
    func writesStructure(_ text: String, _ expected: String) throws {
        #expect(try canonical(text) == expected)
    }

    @Test(
        "keys are in the order of code points, and the last of duplicates counts",
        arguments: [
            (#"{"b":1,"a":2,"B":3,"":4}"#, #"{"":4,"B":3,"a":2,"b":1}"#), (#"{"aa":1,"a":2}"#, #"{"a":2,"aa":1}"#),
            (#"{"a":1,"\u0061":2,"a":{"c":3,"b":4}}"#, #"{"a":{"b":4,"c":3}}"#),
            (#"{"a":{"x":[{}]},"a":1}"#, #"{"a":1}"#),
            // UTF-16 would put the second first.
            ("{\"\u{10000}\":1,\"\u{FFFD}\":2}", #"{"\ufffd":2,"\ud800\udc00":1}"#),
            (#"{"\ud83d\ude00":1,"😀":2}"#, #"{"\ud83d\ude00":2}"#),
            (#"{"\ue000":1,"\udfff":2,"\ud7ff":3}"#, #"{"\ud7ff":3,"\udfff":2,"\ue000":1}"#),
            (#"{"a\u0000":1,"a":2}"#, #"{"a":2,"a\u0000":1}"#),
            (#"{"12345678b":1,"12345678a":2,"12345678":3}"#, #"{"12345678":3,"12345678a":2,"12345678b":1}"#),
            (
                #"{"z":{"b":{"y":1,"x":[{"q":1,"p":2}]},"a":0},"y":[{"d":1,"c":2}]}"#,
                #"{"y":[{"c":2,"d":1}],"z":{"a":0,"b":{"x":[{"p":2,"q":1}],"y":1}}}"#
            ),
        ]
    )
    func sortsKeys(_ text: String, _ expected: String) throws {
        #expect(try canonical(text) == expected)
    }

    @Test("many keys are sorted too, the last of duplicates kept", arguments: [15, 16, 17, 18, 100])
    func sortsManyKeys(_ count: Int) throws {
        let keys = (0..<count).map { "key \(10_000 + $0 * 7919 % count)" }
        let members = keys.map { #""\#($0)":0"# } + keys.map { #""\#($0)":1"# }
        let expected = keys.sorted().map { #""\#($0)":1"# }
        #expect(try canonical("{\(members.joined(separator: ","))}") == "{\(expected.joined(separator: ","))}")
    }

    @Test(
        "text is ASCII, escaped as json.dumps does",
        arguments: [
            (#""\u0041\u00E9é日😀\/""#, #""A\u00e9\u00e9\u65e5\ud83d\ude00/""#),
            (#""\"\\\b\f\n\r\t""#, #""\"\\\b\f\n\r\t""#),
            (#""\u0022\u005c\u0008\u000C\u000a\u000d\u0009""#, #""\"\\\b\f\n\r\t""#),
            (#""\u0000\u001F\u007e\u007F""#, #""\u0000\u001f~\u007f""#), ("\"\u{7F}\u{80}\"", #""\u007f\u0080""#),
            (#""\uD800\uDbFf\udc00x\uDFFF""#, #""\ud800\udbff\udc00x\udfff""#),
            ("\"\u{7F}\u{7F}\u{7F}\u{7F}ééé\u{10FFFF}\"", #""\u007f\u007f\u007f\u007f\u00e9\u00e9\u00e9\udbff\udfff""#),
        ]
    )
    func escapesText(_ text: String, _ expected: String) throws {
        #expect(try canonical(text) == expected)
    }

    @Test(
        "integers keep their digits",
        arguments: [
            ("0", "0"), ("-0", "0"), ("-10", "-10"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ]
    )
    func writesIntegers(_ text: String, _ expected: String) throws {
        #expect(try canonical("[\(text)]") == "[\(expected)]")
    }

    @Test(
        "floats are what repr prints",
        arguments: [
            ("1.0", "1.0"), ("1e5", "100000.0"), ("-0.0", "-0.0"), ("0e7", "0.0"), ("-0e99999999999", "-0.0"),
            ("1e15", "1000000000000000.0"), ("1e16", "1e+16"), ("123456789012345680.0", "1.2345678901234568e+17"),
            ("9999999999999998.0", "9999999999999998.0"), ("18014398509481984.0", "1.8014398509481984e+16"),
            ("0.0001", "0.0001"), ("0.00001", "1e-05"), ("1.50E-7", "1.5e-07"), ("12e-6", "1.2e-05"),
            ("1e100", "1e+100"),
            ("0.1000", "0.1"), ("1.10e1", "11.0"), ("100.5e-1", "10.05"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("0.1000000000000000055511151231257827", "0.1"), ("1564513942.123456789", "1564513942.1234567"),
            ("1E400", "Infinity"), ("-1E400", "-Infinity"), ("1e-400", "0.0"), ("-1e-400", "-0.0"),
            ("5e-324", "5e-324"),
            ("4e-324", "5e-324"), ("2.2250738585072014e-308", "2.2250738585072014e-308"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"), ("123456789012345e290", "1.23456789012345e+304"),
            ("1e9999999999999999999999", "Infinity"), ("9007199254740993.0", "9007199254740992.0"),
        ]
    )
    func writesFloats(_ text: String, _ expected: String) throws {
        #expect(try canonical(text) == expected)
        #expect(try canonical("{\"a\":[\(text)]}") == "{\"a\":[\(expected)]}")
    }

    @Test("keys are left out at the top, however they are written, and nowhere else")
    func omitsKeys() throws {
        let text =
            #"{"b":{"signature":1},"\u0073ignature":{"x":{}},"signature":2,"certificate":"c","a":[{"certificate":1}]}"#
        #expect(
            try canonical(text, omitting: [.signature, .certificate])
                == #"{"a":[{"certificate":1}],"b":{"signature":1}}"#
        )
        #expect(try canonical(#"[{"signature":1}]"#, omitting: [.signature]) == #"[{"signature":1}]"#)
        #expect(try canonical(#"{"signature":1}"#, omitting: [.signature]) == "{}")
    }

    @Test("900 levels are written, in any order of the keys")
    func writesDeepText() throws {
        let open = String(repeating: #"{"b":0,"a":["#, count: 450)
        let close = String(repeating: "]}", count: 450)
        let expected = String(repeating: #"{"a":["#, count: 450) + String(repeating: #"],"b":0}"#, count: 450)
        #expect(try canonical(open + close) == expected)
    }

    @Test("bad JSON appends nothing, and a form can be used again")
    func isReusable() throws {
        var form = CanonicalForm()
        var output = Array("x".utf8)
        let bad = Array(#"{"b":1,"a":"#.utf8)
        #expect(throws: JSONError(offset: 11, expected: .value)) { try form.write(bad.span.bytes, to: &output) }
        let good = Array(#"{"b":1,"a":{}}"#.utf8)
        try form.write(good.span.bytes, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == #"x{"a":{},"b":1}"#)
    }

    @Test("what is canonical stays as it is")
    func isIdempotent() {
        var json = NastyJSON(seed: 11)
        var form = CanonicalForm()
        var changed: [[UInt8]] = []
        for _ in 0..<2_000 {
            let text = json.next()
            var once: [UInt8] = []
            guard (try? form.write(text.span.bytes, to: &once)) != nil else { continue }
            var twice: [UInt8] = []
            try? form.write(once.span.bytes, to: &twice)
            if once != twice { changed.append(text) }
        }
        #expect(changed.isEmpty)
    }

    @Test("an envelope's own keys are written canonical, so only its body is not")
    func agreesWithOutgoingEnvelope() throws {
        let envelope = OutgoingEnvelope(
            i: 3,
            messageID: "2019-é",
            timestamp: .seconds(1),
            topic: "a\"\u{7F}😀",
            username: "u",
            credentials: .awaited
        )
        let body = Array(#"{"a":[1.0]}"#.utf8)
        var written: [UInt8] = []
        envelope.write(body: body.span.bytes, to: &written)
        let text = String(decoding: written, as: UTF8.self)
        #expect(try canonical(text) == text)
    }
}
