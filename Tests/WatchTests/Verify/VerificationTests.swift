import AMQP
import Logging
import NIOCore
import Settings
import Testing

@testable import Watch

@Suite struct VerificationTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("What is looked at late, as findings are read slowly, is judged by when it happened")
    func late() {
        let endpoint = "tcp://a:1"
        var comparison = Verification.Comparison(
            configuration: BridgeConfiguration(),
            endpoints: [endpoint],
            window: 60 * Self.second,
            limit: 1 << 20,
            duration: nil,
            now: 0
        )
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
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        for (kind, at) in events {
            let findings = comparison.take(Verification.Event(kind: kind, at: at * Self.second), logger)
            #expect(findings.map(\.verdict).isEmpty)
        }
        #expect(comparison.machine.finish().matched == 1)
    }
}
