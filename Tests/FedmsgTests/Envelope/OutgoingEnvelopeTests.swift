import Fedmsg
import Testing

@Suite("OutgoingEnvelope")
struct OutgoingEnvelopeTests {
    private func text(_ envelope: OutgoingEnvelope, body: String = "{}") -> String {
        let body = Array(body.utf8)
        var output: [UInt8] = []
        envelope.write(body: body.span.bytes, to: &output)
        #expect(output.count == envelope.byteCount(bodyByteCount: body.count))
        return String(decoding: output, as: UTF8.self)
    }

    private let plain = OutgoingEnvelope(
        i: 1,
        messageID: "2019-abc",
        timestamp: .seconds(1_564_513_942),
        topic: "org.t",
        username: "amqp-bridge"
    )

    @Test("keys stand in order without spaces, the body as it is")
    func writesUnsigned() {
        #expect(
            text(plain, body: #"{ "b": 1.0, "a": "\u00E9é" }"#) == """
                {"i":1,"msg":{ "b": 1.0, "a": "\\u00E9é" },"msg_id":"2019-abc","timestamp":1564513942,"topic":"org.t",\
                "username":"amqp-bridge"}
                """
        )
    }

    @Test("a signed one has its credentials in order among the others")
    func writesSigned() {
        var envelope = plain
        envelope.credentials = .x509(certificate: "Q0VS\nVA==\n", signature: "c2ln\n")
        #expect(
            text(envelope) == """
                {"certificate":"Q0VS\\nVA==\\n","crypto":"x509","i":1,"msg":{},"msg_id":"2019-abc","signature":"c2ln\\n",\
                "timestamp":1564513942,"topic":"org.t","username":"amqp-bridge"}
                """
        )
        envelope.credentials = .awaited
        #expect(
            text(envelope) == """
                {"crypto":"x509","i":1,"msg":{},"msg_id":"2019-abc","timestamp":1564513942,"topic":"org.t",\
                "username":"amqp-bridge"}
                """
        )
    }

    @Test("an envelope given back has what it had and lacks what it lacked")
    func writesOriginals() {
        var envelope = OutgoingEnvelope(i: nil, messageID: "2019-abc", timestamp: nil, topic: "org.t", username: nil)
        #expect(text(envelope) == #"{"msg":{},"msg_id":"2019-abc","topic":"org.t"}"#)
        envelope.timestamp = .json("1564513942.50")
        envelope.headers = #"{"a": 1}"#
        #expect(
            text(envelope)
                == #"{"headers":{"a": 1},"msg":{},"msg_id":"2019-abc","timestamp":1564513942.50,"topic":"org.t"}"#
        )
    }

    @Test(
        "text is escaped as Python's json.dumps does",
        arguments: [
            ("", ""), ("plain/'text'", "plain/'text'"), ("a\"b\\c", #"a\"b\\c"#), ("\u{8}\u{c}\n\r\t", #"\b\f\n\r\t"#),
            ("\u{0}\u{1f}\u{7f}\u{80}", #"\u0000\u001f\u007f\u0080"#), ("é日😀", #"\u00e9\u65e5\ud83d\ude00"#),
            ("\u{10FFFF}\u{FFFF}", #"\udbff\udfff\uffff"#), ("12345678é12345678", #"12345678\u00e912345678"#),
        ]
    )
    func escapesText(_ topic: String, _ json: String) {
        var envelope = plain
        envelope.topic = topic
        #expect(text(envelope).contains(#""topic":"\#(json)","username""#))
    }

    @Test("numbers of every length are written", arguments: [0, 9, 10, -1, -10, .max, .min] as [Int64])
    func writesNumbers(_ number: Int64) {
        var envelope = plain
        envelope.i = number
        envelope.timestamp = .seconds(number)
        #expect(text(envelope).hasPrefix(#"{"i":\#(number),"msg""#))
        #expect(text(envelope).contains(#","timestamp":\#(number),"topic""#))
    }

    @Test("what is appended leaves what was there")
    func appends() {
        var output = Array("before".utf8)
        let body: [UInt8] = Array("{}".utf8)
        plain.write(body: body.span.bytes, to: &output)
        #expect(String(decoding: output, as: UTF8.self).hasPrefix(#"before{"i":1,"msg":{},"#))
    }

    @Test("a caller's own memory is written to directly, and no further than was asked for")
    func writesIntoRoom() {
        let body: [UInt8] = Array(#"{"a":[1,2,3]}"#.utf8)
        let count = plain.byteCount(bodyByteCount: body.count)
        withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { memory in
            var output = OutputRawSpan(buffer: memory, initializedCount: 0)
            plain.write(body: body.span.bytes, into: &output)
            #expect(output.finalize(for: memory) == count)
        }
    }
}
