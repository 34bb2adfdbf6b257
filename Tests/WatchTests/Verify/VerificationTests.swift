import AMQP
import Logging
import NIOCore
import Settings
import Testing

@testable import Watch

@Suite struct VerificationTests {
    private static let second: UInt64 = 1_000_000_000

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func comparison(from endpoint: String, topics: [String] = [""]) throws -> Verification.Comparison {
        var configuration = BridgeConfiguration()
        configuration.toAMQP.zmqEndpoints = [endpoint]
        configuration.toAMQP.topics = topics
        configuration.toFedmsg.publishEndpoint = endpoint
        return Verification.Comparison(
            configuration: configuration,
            endpoints: try FedmsgEndpoints(configuration, listen: []),
            window: 60 * second,
            limit: 1 << 20,
            duration: nil,
            now: 0
        )
    }

    private static func fedmsg(_ topic: String, username: String = "ralph") -> Verification.Event.Kind {
        let id = "\(topic)-\(username)"
        let envelope = #"{"msg": {}, "msg_id": "\#(id)", "topic": "\#(topic)", "username": "\#(username)"}"#
        return .heard(
            Heard(place: .publishers, topic: ByteBuffer(string: topic), payload: ByteBuffer(string: envelope))
        )
    }

    @Test("Fedmsgs of a topic that the bridge does not take are left out, and its own are not")
    func topics() throws {
        let endpoint = "tcp://a:1"
        var comparison = try Self.comparison(from: endpoint, topics: ["org.a", "org.b"])
        let nothing = Heard(place: .publishers, topic: ByteBuffer(string: "com.a"), payload: ByteBuffer())
        let events: [(Verification.Event.Kind, UInt64)] = [
            (.amqp(isHeard: true), 1), (.endpoint(endpoint, isConnected: true), 1), (Self.fedmsg("org.b.c"), 100),
            (Self.fedmsg("com.a"), 100), (Self.fedmsg("com.a", username: "amqp-bridge"), 100),
            (.heard(nothing), 100), (.tick, 300),
        ]
        let findings = events.flatMap { kind, at in
            comparison.take(Verification.Event(kind: kind, at: at * Self.second), Self.logger)
        }
        #expect(findings.map(\.messageID) == ["org.b.c-ralph", "com.a-amqp-bridge"])
        #expect(comparison.machine.summary.unreadable == 0)
    }

    @Test("What is looked at late, as findings are read slowly, is judged by when it happened")
    func late() throws {
        let endpoint = "tcp://a:1"
        var comparison = try Self.comparison(from: endpoint)
        let fedmsg = Heard(
            place: .publishers,
            topic: ByteBuffer(string: "a.b"),
            payload: ByteBuffer(string: #"{"msg": {}, "msg_id": "1", "topic": "a.b"}"#)
        )
        var amqp = Heard(place: .amqp, topic: ByteBuffer(string: "a.b"), payload: ByteBuffer(string: "{}"))
        amqp.properties = AMQPBasicProperties(messageID: "1")
        let events: [(Verification.Event.Kind, UInt64)] = [
            (.amqp(isHeard: true), 1), (.endpoint(endpoint, isConnected: true), 1), (.heard(fedmsg), 100), (.tick, 101),
            (.heard(amqp), 102), (.tick, 300),
        ]
        for (kind, at) in events {
            let findings = comparison.take(Verification.Event(kind: kind, at: at * Self.second), Self.logger)
            #expect(findings.map(\.verdict).isEmpty)
        }
        #expect(comparison.machine.finish().matched == 1)
    }
}
