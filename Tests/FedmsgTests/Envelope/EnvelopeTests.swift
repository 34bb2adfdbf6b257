import Fedmsg
import Testing

@Suite("Envelope")
struct EnvelopeTests {
    @Test("values are places in the bytes, of the keys that fedmsg knows")
    func findsValues() throws {
        let text = """
            {"crypto": "x509", "i": 7, "msg": {"a": [1.0, {"msg": 2}]}, "msg_id":"2019-x", "topic" : "org.t",
            "timestamp": 1.5, "username": "apache", "headers": {"h": 1}, "other": [], "signature": "c2ln\\n",
            "certificate": null, "source_name": "datanommer", "source_version": "0.9"}
            """
        let message = try Received(text)
        #expect(message.json(message.envelope.body) == #"{"a": [1.0, {"msg": 2}]}"#)
        #expect(message.json(.msg) == #"{"a": [1.0, {"msg": 2}]}"#)
        #expect(message.json(.crypto) == #""x509""#)
        #expect(message.json(.i) == "7")
        #expect(message.json(.msgID) == #""2019-x""#)
        #expect(message.json(.topic) == #""org.t""#)
        #expect(message.json(.timestamp) == "1.5")
        #expect(message.json(.username) == #""apache""#)
        #expect(message.json(.headers) == #"{"h": 1}"#)
        #expect(message.json(.signature) == #""c2ln\n""#)
        #expect(message.json(.certificate) == "null")
        #expect(message.json(.sourceName) == #""datanommer""#)
        #expect(message.json(.sourceVersion) == #""0.9""#)
        #expect(message.envelope[.signature]?.kind == .text(escaped: true))
        #expect(message.envelope[.signature]?.plainText == nil)
        #expect(message.envelope[.crypto]?.plainText.map(message.json) == "x509")
        #expect(message.envelope[.certificate]?.kind == .null)
    }

    @Test("keys below the top do not count, and near misses neither")
    func ignoresOtherKeys() throws {
        let message = try Received(
            #"{"msg":{"topic":"inner","i":1},"other":{"i":2},"list":[{"i":3}],"Topic":1,"top":2,"msg_ie":3,"":4}"#
        )
        for key in Envelope.Key.allCases where key != .msg {
            #expect(message.envelope[key] == nil, "\(key)")
        }
    }

    @Test(
        "keys are compared decoded, and the last of duplicates counts however it is written",
        arguments: [
            (#"{"\u006dsg":{"a":1}}"#, #"{"a":1}"#),
            (#"{"msg":{"a":1},"msg":{"a":2}}"#, #"{"a":2}"#),
            (#"{"msg":{"a":1},"\u006d\u0073\u0067":{"a":2}}"#, #"{"a":2}"#),
            (#"{"\u006Dsg":[],"msg":{"a":2}}"#, #"{"a":2}"#),
            (#"{"msg":null,"msg":{}}"#, #"{}"#),
        ]
    )
    func comparesKeysDecoded(_ text: String, _ body: String) throws {
        let message = try Received(text)
        #expect(message.json(message.envelope.body) == body)
    }

    @Test(
        "what is no message says why",
        arguments: [
            ("", .badJSON(JSONError(offset: 0, expected: .value))),
            (#"{"msg":{}} trailing"#, .badJSON(JSONError(offset: 11, expected: .end))),
            (#"[{"msg":{}}"#, .badJSON(JSONError(offset: 11, expected: .commaOrBracket))),
            ("[]", .notAnObject(.array)), (#"[{"msg":{}}]"#, .notAnObject(.array)), ("null", .notAnObject(.null)),
            (#""msg""#, .notAnObject(.text(escaped: false))), ("1", .notAnObject(.integer)),
            ("NaN", .notAnObject(.float)),
            ("{}", .noBody), (#"{"Msg":{}}"#, .noBody), (#"{"a":{"msg":{}}}"#, .noBody),
            (#"{"msg\u0000":{}}"#, .noBody),
            (#"{"msg":[]}"#, .bodyNotAnObject(.array)), (#"{"msg":null}"#, .bodyNotAnObject(.null)),
            (#"{"msg":"{}"}"#, .bodyNotAnObject(.text(escaped: false))), (#"{"msg":1}"#, .bodyNotAnObject(.integer)),
            (#"{"msg":{},"msg":false}"#, .bodyNotAnObject(.bool(false))),
        ] as [(String, EnvelopeError)]
    )
    func refuses(_ text: String, _ error: EnvelopeError) {
        #expect(throws: error) { try Received(text) }
    }

    @Test("errors print the reason that metrics use, and the place")
    func describesErrors() {
        #expect(
            EnvelopeError.badJSON(JSONError(offset: 12, expected: .value)).description
                == "bad_json: byte 12: expected a value"
        )
        #expect(EnvelopeError.notAnObject(.array).reason == "not_an_object")
        #expect(EnvelopeError.noBody.reason == "no_msg")
        #expect(
            EnvelopeError.bodyNotAnObject(.null).description
                == "body_not_an_object: the body is null, expected an object"
        )
        #expect(EnvelopeError.badTopic.reason == "bad_topic")
    }

    @Test("a 10 MiB body and numbers of any length pass unchanged")
    func keepsBytes() throws {
        let body = """
            {"n":[1E400,-0.0,1.0,\(String(repeating: "9", count: 400))],"text":"\(String(repeating: "a", count: 10 << 20))"}
            """
        let message = try Received(#"{"topic":"t","msg":\#(body),"i":1}"#)
        #expect(message.bytes[message.envelope.body].elementsEqual(body.utf8))
    }

    @Test("bytes changed at random give an answer, and one inside the text")
    func survivesMutations() {
        var generator = SplitMix64(seed: 7)
        let text = Array(
            #"{"topic":"org.é","msg":{"a":[1.5,"\u00e9\n",null]},"headers":{"a":"b"},"timestamp":1.5}"#.utf8
        )
        var outside = 0
        for _ in 0..<20_000 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
            do throws(EnvelopeError) {
                let envelope = try Envelope(bytes)
                if envelope.body.lowerBound == 0 || envelope.body.upperBound >= bytes.count { outside += 1 }
                _ = envelope.headers(in: bytes.span.bytes)
                _ = envelope.timestamp(in: bytes.span.bytes)
                _ = try? envelope.undecodedTopic(in: bytes.span.bytes)
            } catch .badJSON(let error) {
                if error.offset < 0 || error.offset > bytes.count { outside += 1 }
            } catch {}
        }
        #expect(outside == 0)
    }
}
