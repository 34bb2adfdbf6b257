import Foundation
import Testing

@testable import Replay

/// The fixtures are what the real tools printed; `Fixtures/make.py` and `record.py` made them.
@Suite struct FormatTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    private static func fixture(_ name: String) throws -> Capture {
        try Capture([UInt8](Data(contentsOf: folder.appending(path: name))))
    }

    /// Topic, id, time and body of each message but those that only say that the tool listens.
    private static func content(_ result: DryRunResult) throws -> [[String: NSObject?]] {
        try result.objects.filter { $0["topic"] as? String != "ready" }.map { object in
            let headers = object["headers"] as? NSDictionary
            return [
                "topic": object["topic"] as? NSString, "id": object["id"] as? NSString,
                "body": object["body"] as? NSDictionary, "sent-at": headers?["sent-at"] as? NSString,
            ]
        }
    }

    @Test(
        "each form of a capture gives the same messages, found by looking or named",
        arguments: [
            ("tail.txt", CaptureFormat.tail), ("pretty.txt", .tail), ("really-pretty.txt", .tail),
            ("page.json", .datagrepper), ("messages.jsonl", .jsonl),
        ]
    )
    func formats(name: String, format: CaptureFormat) throws {
        let expected = try Self.content(Self.fixture("messages.jsonl").dryRun(format: .jsonl))
        #expect(expected.count == 3)
        for format in [format, .auto] {
            let result = try Self.fixture(name).dryRun(format: format)
            #expect(result.reports.isEmpty)
            #expect(try Self.content(result) == expected)
        }
    }

    @Test(
        "pages on one line each, directly behind one another, and over many lines",
        arguments: ["\n", "", "\n\n", " "]
    )
    func pages(separator: String) throws {
        let page = #"{"count": 2, "raw_messages": [{"topic": "a", "msg": {}}, {"topic": "b", "msg": {"c": "}{"}}]}"#
        let result = try Capture(Array(repeating: page, count: 3).joined(separator: separator)).dryRun()
        #expect(result.reports.isEmpty)
        #expect(try result.objects.map { $0["topic"] as? String } == ["a", "b", "a", "b", "a", "b"])
    }

    @Test("a page that is broken off is named, and the next one read")
    func brokenPage() throws {
        let result = try Capture(
            "{\"raw_messages\": [\n {\"topic\": \"a\"\n{\"raw_messages\": [\n{\"topic\": \"b\", \"msg\": {}}]}\n"
        ).dryRun(format: .datagrepper)
        #expect(result.counts.rejected == 1)
        #expect(try result.objects.map { $0["topic"] as? String } == ["b"])
    }

    @Test("datagrepper's newer answers are serialized messages")
    func newerPage() throws {
        let page = #"{"raw_messages": [{"body": {"a": 1}, "headers": {}, "id": "u", "queue": null, "topic": "t"}]}"#
        let result = try Capture(page).dryRun(to: .toFedmsg)
        #expect(
            result.text
                == #"{"i":1,"msg":{"a": 1},"msg_id":"1970-u","timestamp":0,"topic":"t","username":"amqp-bridge"}"#
                + "\n"
        )
    }

    @Test(
        "what fedora-messaging records becomes fedmsgs, found by looking or named",
        arguments: [CaptureFormat.auto, .jsonl]
    )
    func recorded(format: CaptureFormat) throws {
        let result = try Self.fixture("recorded.jsonl").dryRun(to: .toFedmsg, format: format)
        #expect(result.reports.isEmpty)
        let id = "2024-00000000-0000-4000-8000-00000000000"
        let text = #"[1, -2.5, 1e+300, 12345678901234567890, null, true], "text": "café 日本語 😀 \u2028 \u0085""#
        let bodies = [
            #"{"n": "# + text + "}", #"{"nested": {"list": [{"a": {}}], "quotes": "\"\\/'"}}"#, "{}",
        ]
        #expect(
            result.lines
                == bodies.enumerated().map { number, body in
                    #"{"i":\#(number + 1),"msg":\#(body),"msg_id":"\#(id)\#(number)","timestamp":\#(1_714_979_280 + number),"#
                        + #""topic":"org.fixture.\#(number)","username":"amqp-bridge"}"#
                }
        )
    }

    @Test("a topic and an envelope on alternate lines; the line's topic counts")
    func zmq() throws {
        let capture = try Capture("a.b\n{\"msg\": {}}\nc\n\nd.e\n{\"msg\": {}}\n{\"msg\": {}}\n")
        for format in [CaptureFormat.zmq, .auto] {
            let result = try capture.dryRun(format: format)
            #expect(try result.objects.map { $0["topic"] as? String } == ["a.b", "d.e"])
            #expect(result.counts.rejected == 2)
        }
    }

    @Test(
        "what only Python writes is read",
        arguments: [
            (#"{u'a': 5L, u'b': -3L}"#, #"{"a":5,"b":-3}"#),
            (#"{u'a': 'caf\xc3\xa9', u'b': u'caf\xe9'}"#, #"{"a":"caf\u00e9","b":"caf\u00e9"}"#),
            (#"{'a': 'caf\xe9', 'b': b'caf\xc3\xa9'}"#, #"{"a":"caf\u00e9","b":"caf\u00e9"}"#),
            (#"{'a': nan, 'b': inf, 'c': -inf}"#, #"{"a":NaN,"b":Infinity,"c":-Infinity}"#),
            (#"{'a': None, 'b': True, 'c': False}"#, #"{"a":null,"b":true,"c":false}"#),
            (
                #"{'a': ('x'  'y'), 'b': (1, 2), 'c': (1,), 'd': (), 'e': ("it's" ' "q"')}"#,
                #"{"a": "xy","b":[1,2],"c":[1],"d":[],"e": "it's \"q\""}"#
            ),
            (#"{'a': '\U0001f600\u2028\'\"\\\n\q\0'}"#, #"{"a":"\ud83d\ude00\u2028'\"\\\n\\q\u0000"}"#),
            (#"{u'a': u'\ud83d\ude00'}"#, #"{"a":"\ud83d\ude00"}"#),
        ]
    )
    func literals(python: String, json: String) throws {
        #expect(try String(decoding: PythonLiteral.json(Array(python.utf8)), as: UTF8.self) == json)
    }

    @Test(
        "what Python's repr does not write of JSON is named",
        arguments: ["{'a': datetime(1)}", "{'a': 'b}", #"{'a': '\xz'}"#, #"{'a': b'\xff'}"#, #"{'a': '\U00110000'}"#]
    )
    func refusesLiterals(python: String) throws {
        #expect(throws: PythonLiteralError.self) { try PythonLiteral.json(Array(python.utf8)) }
        let result = try Capture(python + "\n{'topic': 'a', 'msg': {}}\n").dryRun(format: .tail)
        #expect(result.counts.description == "2 read, 1 translated, 0 dropped, 1 rejected")
    }
}
