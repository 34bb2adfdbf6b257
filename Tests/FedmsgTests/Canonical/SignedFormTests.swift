import Fedmsg
import Testing

@Suite("CanonicalForm of what is signed")
struct SignedFormTests {
    private func signed(_ text: String, isStored: Bool = false) throws -> String {
        let message = try Received(text)
        var form = CanonicalForm()
        var output: [UInt8] = []
        try form.writeSigned(message.envelope, in: message.bytes.span.bytes, isStored: isStored, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("signature and certificate are left out, all else is signed")
    func leavesCredentialsOut() throws {
        let text = #"{"signature":"c","seq_id":1,"msg":{"b":1,"a":2},"headers":{},"crypto":"x509","certificate":"c"}"#
        #expect(try signed(text) == #"{"crypto":"x509","headers":{},"msg":{"a":2,"b":1},"seq_id":1}"#)
    }

    @Test("what datanommer adds stays on the live bus, and is undone in what was stored")
    func undoesStorage() throws {
        let text = #"{"msg":{},"headers":{},"timestamp":5.75,"source_name":"datanommer","source_version":"1"}"#
        #expect(
            try signed(text)
                == #"{"headers":{},"msg":{},"source_name":"datanommer","source_version":"1","timestamp":5.75}"#
        )
        #expect(try signed(text, isStored: true) == #"{"msg":{},"timestamp":5}"#)
    }

    @Test("without both of datanommer's keys nothing is undone", arguments: ["source_name", "source_version"])
    func needsBothKeys(_ key: String) throws {
        let text = #"{"\#(key)":1,"msg":{},"headers":{},"timestamp":5.75}"#
        #expect(try signed(text, isStored: true) == signed(text))
        #expect(try signed(text).contains("5.75"))
    }

    @Test(
        "headers that Python takes for true stay",
        arguments: [
            ("{}", false), ("{ }", false), ("[]", false), ("null", false), ("false", false), ("0", false),
            ("-0.0", false),
            (#""""#, false), (#"{"a":1}"#, true), ("[0]", true), ("true", true), ("1", true), ("0.1", true),
            ("NaN", true),
            (#"" ""#, true),
        ]
    )
    func judgesHeaders(_ headers: String, _ stay: Bool) throws {
        let text = #"{"source_name":1,"source_version":1,"msg":{},"headers":\#(headers)}"#
        #expect(try signed(text, isStored: true).contains("headers") == stay)
    }

    @Test(
        "a stored timestamp becomes what Python's int makes of it",
        arguments: [
            ("7", "7"), ("-0", "0"), ("7.99", "7"), ("-7.99", "-7"), ("1e3", "1000"), ("true", "1"), ("false", "0"),
            (#"" +007\n""#, "7"), (#""-1_000""#, "-1000"), (#""-0""#, "0"), (#""""#, nil), (#""1__0""#, nil),
            (#""_1""#, nil),
            (#""1.0""#, nil), (#""- 1""#, nil), ("NaN", nil), ("1E400", nil), ("null", nil), ("[]", nil), ("{}", nil),
        ] as [(String, String?)]
    )
    func truncatesTimestamp(_ timestamp: String, _ integer: String?) throws {
        let text = #"{"source_name":1,"source_version":1,"msg":{},"timestamp":\#(timestamp)}"#
        guard let integer else {
            #expect(throws: EnvelopeError.badTimestamp) { try signed(text, isStored: true) }
            return
        }
        #expect(try signed(text, isStored: true) == #"{"msg":{},"timestamp":\#(integer)}"#)
    }

    @Test("of two timestamps the last is the one that is cut")
    func cutsLastTimestamp() throws {
        let text = #"{"timestamp":1.5,"source_name":1,"source_version":1,"msg":{"timestamp":2.5},"\u0074imestamp":3.5}"#
        #expect(try signed(text, isStored: true) == #"{"msg":{"timestamp":2.5},"timestamp":3}"#)
    }
}
