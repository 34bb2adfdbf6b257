import Fedmsg
import Foundation
import Testing

@testable import Replay

@Suite struct DryRunTests {
    @Test("an envelope becomes a serialized message whose body is the same bytes")
    func translates() throws {
        let result = try Capture(
            #"{"i": 1, "msg": {"n": 1.50, "t": "\u00e9/"}, "msg_id": "2019-ab", "timestamp": 1564513942, "topic": "a.b"}"#
        ).dryRun()
        #expect(
            result.text == #"{"topic":"a.b","headers":{"fedora_messaging_schema":"base.message","#
                + #""fedora_messaging_schema_package":"fedora_messaging","sent-at":"2019-07-30T19:12:22+00:00","#
                + #""fedora_messaging_severity":20,"priority":0,"x-fedmsg-bridge":{"origin":"fedmsg","i":1,"#
                + #""timestamp":"1564513942"}},"id":"2019-ab","body":{"n": 1.50, "t": "\u00e9/"},"#
                + #""queue":null,"priority":null}"# + "\n"
        )
        #expect(result.counts.description == "1 read, 1 translated, 0 dropped, 0 rejected")
    }

    @Test("what was not asked for is counted, and left out")
    func countsDropped() throws {
        let lines = ["a.b", "a.c", "b"].map { #"{"msg": {}, "topic": "\#($0)"}"# }.joined(separator: "\n")
        let result = try Capture(lines).dryRun(selection: ReplaySelection(topics: [TopicPattern("a.b")]))
        #expect(result.lines.count == 1)
        #expect(result.counts.description == "3 read, 1 translated, 2 dropped, 0 rejected")
    }

    @Test("lines that end as on Windows are the same messages, with the same ids")
    func windowsLineBreaks() throws {
        let line = #"{"msg": {}, "topic": "a"}"#
        #expect(try Capture(line + "\r\n" + line + "\r\n").dryRun().text == Capture(line + "\n" + line).dryRun().text)
    }

    @Test("a message without a time gets no sent-at")
    func hasNoClock() throws {
        let result = try Capture(#"{"msg": {}, "topic": "a", "msg_id": "1"}"#).dryRun()
        #expect(!result.text.contains("sent-at"))
    }

    @Test("what Python takes for a line break inside a body does not break the line")
    func staysOnOneLine() throws {
        let result = try Capture(
            "{\"msg\": {\"t\": \"\u{85}\u{2028}\u{2029}é…\"}, \"topic\": \"a\", \"msg_id\": \"1\"}"
        ).dryRun()
        #expect(result.text.contains(#"{"t": "\u0085\u2028\u2029é…"}"#))
    }

    @Test("what a message from fedmsg gets back stays on its line too")
    func givesBackOnOneLine() throws {
        let page =
            #"{"raw_messages": [{"msg": {}, "topic": "a", "msg_id": "2019-1", "timestamp": [\#n], "#
            + "\"headers\": {\n\"k\": \"\u{85}\u{2028}\u{2029}\"\r}}]}"
        let messages = try Capture(page).dryRun(format: .datagrepper)
        let envelopes = try Capture(messages.text).dryRun(to: .toFedmsg)
        #expect(envelopes.text.filter(\.isNewline) == "\n")
        #expect(
            envelopes.lines == [
                #"{"headers":{ "k": "\u0085\u2028\u2029" },"msg":{},"msg_id":"2019-1","timestamp":[ ],"topic":"a"}"#
            ]
        )
    }

    @Test("what would make an envelope too deep is not given back, signed or not", arguments: [false, true])
    func tooDeep(isSigned: Bool) throws {
        let messages = [899, 900].map { levels in
            let json = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
            let origin = #"{"origin": "fedmsg", "timestamp": "\#(json)", "headers": "\#(json)"}"#
            return #"{"topic": "a", "id": "2019-\#(levels)", "headers": {"x-fedmsg-bridge": \#(origin)}, "body": {}}"#
        }
        let signer = isSigned ? try MessageSigner(folder: Capture.pki, certname: "app01") : nil
        let result = try Capture(messages.joined(separator: "\n")).dryRun(to: .toFedmsg, signer: signer)
        #expect(result.lines.map { $0.contains(#""headers":"#) } == [true, false])
        #expect(result.lines.map { $0.contains(#""timestamp":"#) } == [true, false])
        #expect(try Capture(result.text).dryRun().counts.translated == 2)
    }

    @Test(
        "what can't be bridged is named, and the rest goes on",
        arguments: [
            (
                #"{"msg": {}"#,
                #"{"line":1,"reason":"bad_json","detail":"byte 10: expected ',' or '}': {\"msg\": {}","topic":null,"msg_id":null}"#
            ),
            (
                #"{"topic": "a", "msg_id": "1"}"#,
                #"{"line":1,"reason":"no_msg","detail":"the envelope has no msg","topic":"a","msg_id":"1"}"#
            ),
            (
                #"{"msg": []}"#,
                #"{"line":1,"reason":"body_not_an_object","detail":"the body is an array, expected an object","topic":null,"msg_id":null}"#
            ),
            (
                #"{"msg": {}}"#,
                #"{"line":1,"reason":"bad_topic","detail":"the envelope has no topic that is text","topic":null,"msg_id":null}"#
            ),
            (
                #"{"msg": {}, "topic": ""}"#,
                #"{"line":1,"reason":"bad_topic","detail":"the envelope's topic is empty","topic":"","msg_id":null}"#
            ),
        ]
    )
    func reportsRejected(line: String, report: String) throws {
        let result = try Capture(line + "\n\n" + #"{"msg": {}, "topic": "a"}"# + "\n").dryRun(format: .jsonl)
        #expect(result.reports == [report])
        #expect(result.counts.description == "2 read, 1 translated, 0 dropped, 1 rejected")
    }

    @Test("captures come out in their order, and the same bytes every time")
    func isReproducible() throws {
        let capture = try Capture(try Capture.documented)
        let first = try capture.dryRun()
        #expect(first.counts.translated == 337)
        #expect(try capture.dryRun().text == first.text)
        let topics = try Capture.documented.split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)["topic"] as? String
        }
        #expect(try first.objects.map { $0["topic"] as? String } == topics)
    }

    @Test("to fedmsg and back gives the first translation again, for every capture with an id")
    func roundTrip() throws {
        let usable = try Capture.documented.split(separator: "\n").filter { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? NSDictionary
            return (object?["msg_id"] as? String)?.isEmpty == false
        }
        #expect(usable.count == 199)
        let first = try Capture(usable.joined(separator: "\n")).dryRun()
        let envelopes = try Capture(first.text).dryRun(to: .toFedmsg)
        #expect(envelopes.reports.isEmpty)
        #expect(try Capture(envelopes.text).dryRun().text == first.text)
    }

    @Test("a native message gets the bridge's username and a counter from 1")
    func toFedmsg() throws {
        let line = #"{"topic": "a", "id": "u", "headers": {"sent-at": "2019-07-30T19:12:22+00:00"}, "body": {"b":1}}"#
        let result = try Capture([line, line].joined(separator: "\n")).dryRun(to: .toFedmsg)
        #expect(
            result.lines.last
                == #"{"i":2,"msg":{"b":1},"msg_id":"2019-u","timestamp":1564513942,"topic":"a","username":"amqp-bridge"}"#
        )
    }

    @Test("a native message without a time gets timestamp 0")
    func timestampZero() throws {
        let result = try Capture(#"{"topic": "a", "id": "u", "body": {}}"#).dryRun(to: .toFedmsg)
        #expect(result.text.contains(#""timestamp":0,"#))
    }

    @Test("only what is asked for is replayed")
    func selects() throws {
        let capture = try Capture(
            (1...9).map { #"{"msg": {}, "topic": "t.\#($0)", "timestamp": \#($0)}"# }.joined(separator: "\n")
        )
        let topics = { (result: DryRunResult) in try result.objects.map { $0["topic"] as? String } }
        #expect(try topics(capture.dryRun(selection: .init(topics: [TopicPattern("*.4")]))) == ["t.4"])
        #expect(try topics(capture.dryRun(selection: .init(from: 3, until: 5))) == ["t.3", "t.4"])
        #expect(try topics(capture.dryRun(selection: .init(from: 3, limit: 1))) == ["t.3"])
        #expect(try topics(capture.dryRun(startLine: 8)) == ["t.8", "t.9"])
    }
}
