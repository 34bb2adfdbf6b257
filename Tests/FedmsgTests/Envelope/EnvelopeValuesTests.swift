import Fedmsg
import Testing

@Suite("Envelope values")
struct EnvelopeValuesTests {
    /// An envelope with one key beside its body.
    private func envelope(_ member: String) throws -> Received {
        try Received(#"{"msg":{},\#(member)}"#)
    }

    @Test(
        "text is decoded; what is no text, or none that UTF-8 holds, counts as absent",
        arguments: [
            (#""2019-abc""#, "2019-abc"), (#""""#, ""), (#""\u00e9\ud83d\ude00\n\/""#, "é😀\n/"), (#""é😀""#, "é😀"),
            (#""\ud83d""#, nil), (#""\ude00\ud83d""#, nil), (#""x\udfff""#, nil), ("1", nil), ("null", nil),
            ("[]", nil),
        ] as [(String, String?)]
    )
    func decodesText(_ json: String, _ text: String?) throws {
        let message = try envelope(#""msg_id":\#(json),"username":\#(json)"#)
        #expect(message.envelope.text(.msgID, in: message.bytes.span.bytes) == text)
        #expect(message.envelope.text(.username, in: message.bytes.span.bytes) == text)
        #expect(message.envelope.text(.crypto, in: message.bytes.span.bytes) == nil)
    }

    @Test("a topic with a lone surrogate is a bad one; what is no text is none")
    func judgesTopics() throws {
        func topic(_ json: String) throws -> String? {
            let message = try envelope(#""topic":\#(json)"#)
            let bytes = message.bytes.span.bytes
            return try message.envelope.undecodedTopic(in: bytes)?.string(in: bytes)
        }
        #expect(try topic(#""org.é""#) == "org.é")
        #expect(try topic(#""org.\u00e9""#) == "org.é")
        #expect(try topic("1") == nil)
        #expect(throws: EnvelopeError.badTopic) { try topic(#""org.\ud800""#) }
    }

    @Test(
        "the topic frame is compared byte for byte",
        arguments: [
            (#""org.a""#, "org.a", true), (#""org.a""#, "org.b", false), (#""org.a""#, "org.", false),
            (#""org.\u0061""#, "org.a", true), (#""\u00e9""#, "\u{E9}", true), (#""\u00e9""#, "e\u{301}", false),
            ("\"\u{E9}\"", "e\u{301}", false), ("1", "1", false), (#""""#, "", true),
        ]
    )
    func comparesTopic(_ json: String, _ frame: String, _ isEqual: Bool) throws {
        let message = try envelope(#""topic":\#(json)"#)
        let frame = Array(frame.utf8)
        #expect(try message.envelope.isTopic(frame.span.bytes, in: message.bytes.span.bytes) == isEqual)
    }

    @Test(
        "an integer is one of 64 bits",
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("92233720368547758070", nil),
            ("1.0", nil), ("1e3", nil), ("true", nil), (#""1""#, nil), ("null", nil),
        ] as [(String, Int64?)]
    )
    func readsIntegers(_ json: String, _ value: Int64?) throws {
        let message = try envelope(#""i":\#(json)"#)
        #expect(message.envelope.integer(.i, in: message.bytes.span.bytes) == value)
    }

    @Test(
        "a timestamp is a number between the years 1 and 9999, its fraction cut",
        arguments: [
            ("1564513942", 1_564_513_942), ("1564513942.999", 1_564_513_942), ("1.564513942e9", 1_564_513_942),
            ("0", 0), ("-0.0", 0), ("-0.5", -1), ("1e-400", 0), ("-62135596800", -62_135_596_800),
            ("-62135596801", nil), ("-62135596800.5", nil), ("253402300799", 253_402_300_799),
            ("253402300799.5", 253_402_300_799), ("253402300800", nil), ("253402300800.0", nil), ("1E400", nil),
            ("NaN", nil), ("Infinity", nil), ("-Infinity", nil), ("1e300", nil),
            ("99999999999999999999999999", nil), ("true", nil), (#""1564513942""#, nil), ("null", nil), ("{}", nil),
        ] as [(String, Int64?)]
    )
    func readsTimestamps(_ json: String, _ seconds: Int64?) throws {
        let message = try envelope(#""timestamp":\#(json)"#)
        #expect(message.envelope.timestamp(in: message.bytes.span.bytes) == seconds)
        #expect(message.json(.timestamp) == json)
    }

    @Test("headers are entries in Python's order: a repeated name keeps its first place and takes the last value")
    func readsHeaders() throws {
        let message = try envelope(
            #"""
            "headers": {"a": "x\u00e9", "b": true, "c": -5, "a": 2, "f": 1.5, "n": null, "o": {"a": 1}, "l": [{"q": 1}],
            "big": 9223372036854775808, "s": "\ud800", "k\ud800": 1, "\u0062": "y", "\u00e9": 1, "e\u0301": 2}
            """#
        )
        let expected: [EnvelopeHeader] = [
            EnvelopeHeader(name: "a", value: .integer(2)), EnvelopeHeader(name: "b", value: .text("y")),
            EnvelopeHeader(name: "c", value: .integer(-5)), EnvelopeHeader(name: "f", value: .other),
            EnvelopeHeader(name: "n", value: .other), EnvelopeHeader(name: "o", value: .other),
            EnvelopeHeader(name: "l", value: .other), EnvelopeHeader(name: "big", value: .other),
            EnvelopeHeader(name: "s", value: .other), EnvelopeHeader(name: "\u{E9}", value: .integer(1)),
            EnvelopeHeader(name: "e\u{301}", value: .integer(2)),
        ]
        #expect(message.envelope.headers(in: message.bytes.span.bytes) == expected)
    }

    @Test("headers that are no object have no entries", arguments: ["null", "[]", #""a""#, "1", "{}"])
    func hasNoHeaders(_ json: String) throws {
        let message = try envelope(#""headers":\#(json)"#)
        #expect(message.envelope.headers(in: message.bytes.span.bytes).isEmpty)
    }
}
