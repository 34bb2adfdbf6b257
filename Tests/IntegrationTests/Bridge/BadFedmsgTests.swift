import Foundation
import Testing

/// What a live bus may bring and ought not to, through real sockets.
@Suite("Bad fedmsgs")
struct BadFedmsgTests {
    /// Frames, and what must become of them.
    struct Case: CustomStringConvertible {
        enum Outcome {
            case rejected(String)
            case passes(body: String)
        }

        let description: String
        let frames: [Data]
        let outcome: Outcome

        init(_ description: String, _ frames: [Data], _ outcome: Outcome) {
            self.description = description
            self.frames = frames
            self.outcome = outcome
        }

        /// A good topic and this envelope.
        init(_ description: String, _ envelope: String, _ outcome: Outcome) {
            self.init(description, [Data(topic.utf8), Data(envelope.utf8)], outcome)
        }

        /// A good envelope round this `msg`, which passes as it is.
        init(passing description: String, msg: String) {
            self.init(description, #"{"msg":\#(msg),"topic":"\#(topic)"}"#, .passes(body: msg))
        }
    }

    private static let topic = "org.fedoraproject.test.input"
    private static let good = Data(#"{"msg":{},"topic":"org.fedoraproject.test.input"}"#.utf8)
    private static let topicFrame = Data(topic.utf8)

    static let frames: [Case] = [
        Case("one frame", [good], .rejected("bad_frames")),
        Case("three frames", [topicFrame, good, good], .rejected("bad_frames")),
        Case("an empty topic", [Data(), good], .rejected("bad_topic")),
        Case("an empty envelope", [topicFrame, Data()], .rejected("bad_json")),
        Case(
            "a topic of 256 bytes",
            [Data(repeating: UInt8(ascii: "t"), count: 256), good],
            .rejected("topic_too_long")
        ),
        Case("a topic that is not UTF-8", [Data([0x74, 0xff]), good], .rejected("bad_topic")),
    ]

    static let envelopes: [Case] = [
        Case(
            "not UTF-8",
            [topicFrame, Data(#"{"msg":{"a":""#.utf8) + [0xff] + Data(#""}}"#.utf8)],
            .rejected("bad_json")
        ),
        Case("no JSON", "hello", .rejected("bad_json")),
        Case("trailing text", #"{"msg":{}} x"#, .rejected("bad_json")),
        Case("a byte order mark", "\u{feff}{\"msg\":{}}", .rejected("bad_json")),
        Case("a control character in a string", "{\"msg\":{\"a\":\"\u{1}\"}}", .rejected("bad_json")),
        Case("200,000 open brackets", String(repeating: "[", count: 200_000), .rejected("bad_json")),
        Case(
            "901 levels",
            #"{"msg":{"a":"# + String(repeating: "[", count: 899) + String(repeating: "]", count: 899) + "}}",
            .rejected("bad_json")
        ),
        Case(
            "an integer of 4301 digits",
            #"{"msg":{"a":"# + String(repeating: "9", count: 4301) + "}}",
            .rejected("bad_json")
        ),
        Case("an array", #"[{"msg":{}}]"#, .rejected("not_an_object")),
        Case("no msg", #"{"topic":"x"}"#, .rejected("no_msg")),
        Case("no msg, but an id", #"{"msg_id":"2026-q"}"#, .rejected("no_msg")),
        Case("a msg that is text", #"{"msg":"text"}"#, .rejected("body_not_an_object")),
        Case("a msg that is null", #"{"msg":null}"#, .rejected("body_not_an_object")),
        Case("a msg that is a list", #"{"msg":[]}"#, .rejected("body_not_an_object")),
    ]

    static let unusual: [Case] = [
        Case("an escaped key", #"{"\u006dsg":{"a":1}}"#, .passes(body: #"{"a":1}"#)),
        Case("msg twice", #"{"msg":{"a":1},"msg":{"a":2}}"#, .passes(body: #"{"a":2}"#)),
        Case("msg twice, the first no object", #"{"msg":1,"\u006dsg":{"a":2}}"#, .passes(body: #"{"a":2}"#)),
        Case(
            "headers that RabbitMQ takes for routing keys",
            #"{"msg":{},"headers":{"CC":"x","BCC":5}}"#,
            .passes(body: "{}")
        ),
        Case("white space", " {\n\t\"msg\" : { \"a\" : 1 }\r\n} ", .passes(body: #"{ "a" : 1 }"#)),
        Case(passing: "keys twice in msg", msg: #"{"a":1,"a":2}"#),
        Case(passing: "lone surrogates", msg: #"{"a":"\ud800","b":"\udc00\ud800"}"#),
        Case(passing: "numbers in every form", msg: #"{"a":1E400,"b":-0.0,"c":1.0,"d":1e5,"e":NaN,"f":-Infinity}"#),
        Case(passing: "an integer of 400 digits", msg: #"{"a":"# + String(repeating: "7", count: 400) + "}"),
        Case(passing: "10 MiB", msg: #"{"a":""# + String(repeating: "x", count: 10 << 20) + #""}"#),
    ]

    @Test("Each is refused for its reason or passes unchanged, and a good one passes after it", .timeLimit(.minutes(5)))
    func table() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            var rejected: [String: Double] = [:]
            for (number, one) in (Self.frames + Self.envelopes + Self.unusual).enumerated() {
                try await scene.publisher.publish(one.frames)
                let marker = #"{"after":\#(number)}"#
                try await scene.publisher.publish(topic: Self.topic, #"{"msg":\#(marker),"topic":"\#(Self.topic)"}"#)
                let next = try await scene.amqp.next()
                switch one.outcome {
                case .passes(let body):
                    #expect(next.body == Data(body.utf8), "\(one)")
                    #expect(try await scene.amqp.next().body == Data(marker.utf8), "\(one)")
                case .rejected(let reason):
                    #expect(next.body == Data(marker.utf8), "\(one)")
                    rejected[reason, default: 0] += 1
                    let name = #"fedmsg_bridge_rejected_total{direction="to_amqp",reason="\#(reason)"}"#
                    #expect(try await scene.bridge.metric(name) == rejected[reason], "\(one)")
                }
            }
            let letters = try await scene.bridge.deadLetters()
            #expect(Double(letters.count) == rejected.values.reduce(0, +))
            #expect(letters.compactMap(\.messageID) == ["2026-q"])
        }
    }
}
