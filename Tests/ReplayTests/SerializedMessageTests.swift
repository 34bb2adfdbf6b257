import AMQP
import Bridge
import Foundation
import NIOCore
import Settings
import Testing

@testable import Replay

@Suite struct SerializedMessageTests {
    @Test("a fedmsg is written as the message that it becomes is when it is read back")
    func matchesHeaderTable() throws {
        let longKey = String(repeating: "k", count: 256)
        var captures = try Capture.documented.split(separator: "\n").map(String.init)
        captures += [
            #"{"topic": "a", "msg": {}}"#,
            #"{"topic": "\u00e9\"\n", "msg": {"a":1}, "msg_id": "\ud83d\ude00", "username": "a\\b", "i": -9223372036854775808}"#,
            #"{"topic": "a", "msg": {}, "timestamp": 1344350850.5, "i": 10, "headers": {}}"#,
            #"{"topic": "a", "msg": {}, "timestamp": "now", "i": 1.5, "username": 5, "headers": []}"#,
            #"{"topic": "a", "msg": {}, "headers": {"t": "é", "b": true, "f": false, "n": 12, "x": null, "o": {"a": 1}}}"#,
            #"{"topic": "a", "msg": {}, "headers": {"priority": 3, "x-fedmsg-bridge": "no", "\#(longKey)": "left out"}}"#,
        ]
        for priority in [nil, 7] as [UInt8?] {
            var configuration = BridgeConfiguration()
            configuration.publishPriority = priority
            let translator = ToAMQPTranslator(configuration: configuration)
            for capture in captures {
                let fedmsg = try translator.translate(topic: nil, envelope: ByteBuffer(string: capture))
                var (direct, read) = ([] as [UInt8], [] as [UInt8])
                SerializedMessage.write(fedmsg, to: &direct)
                try SerializedMessage.write(fedmsg.message, to: &read)
                let text = String(decoding: direct, as: UTF8.self)
                #expect(text == String(decoding: read, as: UTF8.self))
                #expect(text.hasSuffix(priority == nil ? #","priority":null}"# + "\n" : #","priority":7}"# + "\n"))
            }
        }
    }

    @Test("headers of every type that JSON has a form for are written, others are null")
    func headerTypes() throws {
        let nested: [AMQPFieldValue] = [.int8(1), .array([.boolean(false), .void]), .table(["a": .double(2)])]
        let values: [(AMQPFieldValue, String)] = [
            (.boolean(true), "true"), (.longString("a\""), #""a\"""#), (.int8(-128), "-128"), (.uint8(255), "255"),
            (.int16(-32768), "-32768"), (.uint16(65535), "65535"), (.int32(-1), "-1"), (.uint32(.max), "4294967295"),
            (.int64(.min), "-9223372036854775808"), (.float(0.1), "0.1"), (.double(-1.5e300), "-1.5e+300"),
            (.array([]), "[]"), (.array(nested), #"[1,[false,null],{"a":2.0}]"#), (.table([:]), "{}"),
            (.float(.infinity), "null"), (.double(.nan), "null"), (.decimal(scale: 1, value: 5), "null"),
            (.timestamp(1), "null"), (.bytes([1]), "null"), (.longStringBytes([0xFF]), "null"), (.void, "null"),
        ]
        let headers = AMQPTable(values.enumerated().map { .init("h\($0)", $1.0) })
        let properties = AMQPBasicProperties(headers: AMQPHeaders(headers))
        var output: [UInt8] = []
        let message = AMQPMessage(routingKey: "a", properties: properties, body: ByteBuffer(string: "{}"))
        try SerializedMessage.write(message, to: &output)
        let members = values.enumerated().map { #""h\#($0)":\#($1.1)"# }.joined(separator: ",")
        #expect(String(decoding: output, as: UTF8.self).contains(#""headers":{\#(members)},"#))
        _ = try JSONSerialization.jsonObject(with: Data(output))
    }

    @Test(
        "line breaks are taken out wherever they stand",
        arguments: [
            ("\n", " "), ("\r", " "), ("\u{85}", #"\u0085"#), ("\u{2028}", #"\u2028"#), ("\u{2029}", #"\u2029"#),
            ("é", "é"), ("…", "…"), ("\t", "\t"), ("", ""),
        ]
    )
    func oneLine(character: String, expected: String) {
        for before in 0..<10 {
            for after in 0..<10 {
                let (head, tail) = (String(repeating: "a", count: before), String(repeating: "z", count: after))
                var output = Array(">".utf8)
                output.appendOnOneLine((head + character + tail + character).utf8Span.span.bytes)
                #expect(String(decoding: output, as: UTF8.self) == ">" + head + expected + tail + expected)
            }
        }
    }

    @Test(
        "a character that is cut off at the end stays as it is",
        arguments: [[0xC2], [0xE2], [0xE2, 0x80]] as [[UInt8]]
    )
    func cutCharacter(bytes: [UInt8]) {
        var output: [UInt8] = []
        output.appendOnOneLine(bytes.span.bytes)
        #expect(output == bytes)
    }
}
