import AMQP
import Fedmsg
import NIOCore
import Settings
import Spool
import Testing

@testable import Bridge

@Suite struct ToAMQPTranslatorTests {
    private let received = Int64(1_564_513_942_500_000)

    @Test func `the body is the envelope's msg, byte for byte`() throws {
        let body = #"{"b": 1.0, "a":  12345678901234567890123456789012345678901, "e":1E400,"\u0061":"\ud800"}"#
        let message = try forwarded(#"{"i":1,"msg": "# + body + #" ,"topic":"t"}"#)
        #expect(String(buffer: message.body) == body)
    }

    @Test func `properties are those of a native message`() throws {
        let message = try forwarded(
            #"{"msg":{},"msg_id":"2019-0c6b33fc-1","timestamp":1564513942.9,"topic":"t","i":7,"username":"apache"}"#
        )
        #expect(message.exchange == "zmq.topic")
        #expect(message.routingKey == "org.example.topic")
        #expect(!message.mandatory)
        var properties = message.properties
        let headers = try #require(properties.headers).table()
        properties.headers = nil
        let native = AMQPBasicProperties(
            contentType: "application/json",
            contentEncoding: "utf-8",
            deliveryMode: .persistent,
            messageID: "2019-0c6b33fc-1"
        )
        #expect(properties == native)
        #expect(
            headers == [
                "fedora_messaging_schema": "base.message",
                "fedora_messaging_schema_package": "fedora_messaging",
                "sent-at": "2019-07-30T19:12:22+00:00",
                "fedora_messaging_severity": .int32(20),
                "priority": .int32(0),
                "x-fedmsg-bridge": .table([
                    "origin": "fedmsg", "username": "apache", "i": .int64(7), "timestamp": "1564513942.9",
                ]),
            ]
        )
    }

    @Test func `the envelope's own headers follow, but none that the bridge gives`() throws {
        let message = try forwarded(
            #"""
            {"msg":{},"headers":{"x":"y","b":true,"n":5,"f":1.5,"o":{},"big":99999999999999999999,"lone":"\ud800",
            "priority":"9","sent-at":"x","CC":"x","BCC":"x","x-fedmsg-bridge":"x","fedora_messaging_schema":"evil"},"timestamp":0}
            """#
        )
        let entries = try #require(message.properties.headers).table().entries
        #expect(entries.dropFirst(5).map(\.key) == ["x", "b", "n", "x-fedmsg-bridge"])
        #expect(entries[5].value == "y")
        #expect(entries[6].value == true)
        #expect(entries[7].value == .int64(5))
    }

    @Test(arguments: [
        (#"{"msg":{},"timestamp":"yesterday"}"#, "2019-07-30T19:12:22+00:00"),
        (#"{"msg":{}}"#, "2019-07-30T19:12:22+00:00"),
        (#"{"msg":{},"timestamp":1e300}"#, "2019-07-30T19:12:22+00:00"),
        (#"{"msg":{},"timestamp":true}"#, "2019-07-30T19:12:22+00:00"),
        (#"{"msg":{},"timestamp":-1}"#, "1969-12-31T23:59:59+00:00"),
        (#"{"msg":{},"timestamp":951782400}"#, "2000-02-29T00:00:00+00:00"),
    ])
    func `sent-at is the envelope's time, else that of receipt`(envelope: String, expected: String) throws {
        let headers = try #require(try forwarded(envelope).properties.headers).table()
        #expect(headers["sent-at"] == .longString(expected))
    }

    @Test(arguments: [
        #"{"msg":{}}"#, #"{"msg":{},"msg_id":""}"#, #"{"msg":{},"msg_id":7}"#, #"{"msg":{},"msg_id":"\ud800"}"#,
    ])
    func `an envelope without a usable id gets one, always the same`(envelope: String) throws {
        let first = try forwarded(envelope).properties.messageID
        #expect(first == (try forwarded(envelope).properties.messageID))
        #expect(first?.count == 36)
        #expect(first?.dropFirst(14).first == "5")
        #expect(try outcome(envelope).identity == nil)
    }

    @Test func `the whole envelope is the body where that is configured`() throws {
        var configuration = BridgeConfiguration()
        configuration.toAMQP.body = .envelope
        let envelope = #"{"msg":{},"msg_id":"x"}"#
        #expect(String(buffer: try forwarded(envelope, configuration).body) == envelope)
    }

    @Test(arguments: ["amqp-bridge", "ours", "another"])
    func `what a bridge put on the bus is dropped`(username: String) throws {
        var configuration = BridgeConfiguration()
        configuration.toFedmsg.username = "ours"
        configuration.toFedmsg.bridgeUsernames = ["another"]
        let outcome = try translate(["t", #"{"msg":{},"username":"\#(username)"}"#], configuration)
        guard case .drop(.looped) = outcome else { return #expect(Bool(false), "\(outcome)") }
    }

    @Test(arguments: [
        (["t"], RejectReason.badFrames),
        (["t", "{}", ""], .badFrames),
        (["", #"{"msg":{}}"#], .badTopic),
        ([String(repeating: "t", count: 256), #"{"msg":{}}"#], .topicTooLong),
        (["t", ""], .badJSON),
        (["t", "{\"msg\":{}} x"], .badJSON),
        (["t", "\u{FEFF}{\"msg\":{}}"], .badJSON),
        (["t", "[]"], .notAnObject),
        (["t", "{}"], .noMsg),
        (["t", #"{"msg":[]}"#], .bodyNotAnObject),
        (["t", #"{"msg":{},"msg":null}"#], .bodyNotAnObject),
    ])
    func `what can't be bridged has a reason`(frames: [String], reason: RejectReason) {
        #expect { try translate(frames) } throws: { ($0 as? Rejection)?.reason == reason }
    }

    @Test func `a topic that is not UTF-8 is refused`() {
        #expect { try translate([[0xFF], Array(#"{"msg":{}}"#.utf8)]) } throws: {
            ($0 as? Rejection)?.reason == .badTopic
        }
    }

    @Test func `the prefix is put before the topic with one dot, and counts`() throws {
        var configuration = BridgeConfiguration()
        for dots in ["..", ".", ""] {
            configuration.topicPrefix = "org.fedoraproject.stg" + dots
            let message = try forwarded(#"{"msg":{}}"#, configuration)
            #expect(message.routingKey == "org.fedoraproject.stg.org.example.topic")
        }
        let long = String(repeating: "t", count: 240)
        #expect { try translate([long, #"{"msg":{}}"#], configuration) } throws: {
            ($0 as? Rejection)?.reason == .topicTooLong
        }
    }

    // MARK: Helpers

    private func translate(
        _ frames: [String],
        _ configuration: BridgeConfiguration = .init()
    ) throws(Rejection) -> ToAMQPTranslator.Outcome {
        try translate(frames.map { Array($0.utf8) }, configuration)
    }

    private func translate(
        _ frames: [[UInt8]],
        _ configuration: BridgeConfiguration = .init()
    ) throws(Rejection) -> ToAMQPTranslator.Outcome {
        var batch = ReceivedBatch(receivedAt: received)
        batch.append(frames: frames.map { ByteBuffer(bytes: $0) })
        var workspace = SignatureWorkspace()
        let translator = ToAMQPTranslator(configuration: configuration)
        return try translator.translate(batch[0], receivedAt: received, now: received, using: &workspace)
    }

    private func outcome(
        _ envelope: String,
        _ configuration: BridgeConfiguration = .init()
    ) throws -> ToAMQPTranslator.Translation {
        guard case .forward(let translation) = try translate(["org.example.topic", envelope], configuration) else {
            throw Rejection(.refused, "dropped")
        }
        return translation
    }

    private func forwarded(_ envelope: String, _ configuration: BridgeConfiguration = .init()) throws -> AMQPMessage {
        try outcome(envelope, configuration).message.message
    }
}
