import AMQP
import NIOCore
import Settings
import Testing

@testable import Watch

@Suite struct SightingReaderTests {
    private static func fedmsg(_ envelope: String) -> Sighting? {
        var reader = SightingReader(configuration: BridgeConfiguration())
        return reader.read(
            Heard(place: .publishers, topic: ByteBuffer(string: "a.b"), payload: ByteBuffer(string: envelope))
        )
    }

    private static func amqp(
        _ body: String,
        id: String? = "1",
        headers: AMQPHeaders? = nil,
        configuration: BridgeConfiguration = BridgeConfiguration()
    ) -> Sighting? {
        var heard = Heard(place: .amqp, topic: ByteBuffer(string: "a.b"), payload: ByteBuffer(string: body))
        heard.properties = AMQPBasicProperties(headers: headers, messageID: id)
        var reader = SightingReader(configuration: configuration)
        return reader.read(heard)
    }

    @Test("Ids are alike without their year, bodies when they are the same JSON")
    func alike() throws {
        let fedmsg = try #require(Self.fedmsg(#"{"msg": {"b": 1.0, "a": "é"}, "msg_id": "2019-1"}"#))
        let amqp = try #require(Self.amqp(#"{"a":"\u00e9","b":1.0}"#))
        #expect(fedmsg.key == amqp.key)
        #expect(fedmsg.body == amqp.body)
        #expect(fedmsg.headers == amqp.headers)
        #expect(Self.amqp(#"{"a":"\u00e9","b":1}"#)?.body != fedmsg.body)
    }

    @Test("Headers that go to AMQP are compared, those that the bridge or the library gives are not")
    func headers() throws {
        let fedmsg = try #require(Self.fedmsg(#"{"msg": {}, "headers": {"n": 7, "t": "x", "f": 1.5, "sent-at": "x"}}"#))
        let alike: AMQPHeaders = [
            "t": "x", "n": .int32(7), "sent-at": "y", "fedora_messaging_severity": .int32(20),
            "x-publish-number": .int64(5),
        ]
        #expect(Self.amqp("{}", headers: alike)?.headers == fedmsg.headers)
        #expect(Self.amqp("{}", headers: ["t": "x", "n": .uint16(7)])?.headers == fedmsg.headers)
        #expect(Self.amqp("{}", headers: ["t": "x", "n": .int32(8)])?.headers != fedmsg.headers)
        let added: AMQPHeaders = ["t": "x", "n": .int64(7), "timestamp_in_ms": .int64(1), "x-routed-by": "rabbit@a"]
        let headers = try #require(fedmsg.headers)
        #expect(headers.count == 2)
        #expect(Self.amqp("{}", headers: added)?.headers?.isStrictSuperset(of: headers) == true)
        #expect(Self.fedmsg(#"{"msg": {}, "username": "amqp-bridge", "headers": {"n": 7}}"#)?.headers == nil)
    }

    @Test("What a bridge brought is known by its user name on fedmsg, and by its header on AMQP")
    func bridged() {
        #expect(Self.fedmsg(#"{"msg": {}, "username": "amqp-bridge"}"#)?.isBridged == true)
        #expect(Self.fedmsg(#"{"msg": {}, "username": "ralph"}"#)?.isBridged == false)
        #expect(Self.amqp("{}", headers: ["x-fedmsg-bridge": .table(["origin": "fedmsg"])])?.isBridged == true)
        #expect(Self.amqp("{}", headers: ["x-fedmsg-bridge": "fedmsg"])?.isBridged == false)
        #expect(Self.amqp("{}")?.isBridged == false)
    }

    @Test("A fedmsg without an id has the one that the bridge gives it; an AMQP message without one has none")
    func withoutID() throws {
        let one = try #require(Self.fedmsg(#"{"msg": {"a": 1}}"#))
        let other = try #require(Self.fedmsg(#"{"msg": {"a": 2}}"#))
        #expect(one.key != other.key)
        #expect(Self.amqp("{}", id: nil) == nil)
        #expect(Self.fedmsg("{}") == nil)
    }

    @Test("Where whole envelopes go to AMQP, their msg is compared")
    func envelopes() throws {
        let body = Self.fedmsg(#"{"msg": {"a": 1}}"#)?.body
        let ours: AMQPHeaders = ["x-fedmsg-bridge": .table(["origin": "fedmsg"])]
        var configuration = BridgeConfiguration()
        configuration.toAMQP.body = .envelope
        #expect(Self.amqp(#"{"msg": {"a": 1}}"#, headers: ours, configuration: configuration)?.body == body)
        // The first bridge's has no header.
        let first = #"{"msg": {"a": 1}, "msg_id": "2019-1", "topic": "a.b"}"#
        #expect(Self.amqp(first, configuration: configuration)?.body == body)
        for prefix in ["a", "a."] {
            configuration.topicPrefix = prefix
            let prefixed = #"{"msg": {"a": 1}, "msg_id": "2019-1", "topic": "b"}"#
            #expect(Self.amqp(prefixed, configuration: configuration)?.body == body)
        }
        #expect(Self.amqp(first)?.body != body)
    }

    @Test(
        "A native message's own msg is no envelope",
        arguments: [
            #"{"msg": {"a": 1}, "subject": "x"}"#, #"{"msg": {"a": 1}, "msg_id": "1", "topic": "x"}"#,
            #"{"msg": {"a": 1}, "msg_id": 1, "topic": "a.b"}"#,
        ]
    )
    func nativeMsg(body: String) throws {
        var configuration = BridgeConfiguration()
        configuration.toAMQP.body = .envelope
        #expect(Self.amqp(body, configuration: configuration)?.body == Self.amqp(body)?.body)
    }
}
