import Foundation
import Testing

/// A relay that writes JSON anew makes another message of it.
@Suite("Messages that come again")
struct RewriteTests {
    private static let warning = "came again with other bytes"

    @Test("to AMQP: an equal one is dropped; one with other bytes passes, and is warned of", .timeLimit(.minutes(2)))
    func toAMQP() async throws {
        let topic = "org.x"
        try await FedmsgToAMQP.with { scene in
            let (first, anew) = (#"{"a":1}"#, #"{"a": 1}"#)
            for body in [first, first] {
                try await scene.publisher.publish(topic: topic, #"{"msg":\#(body),"msg_id":"2026-1","topic":"org.x"}"#)
            }
            try await scene.bridge.until(Self.duplicates("to_amqp"), is: 1)
            #expect(!scene.bridge.process.errors.lines.contains { $0.contains(Self.warning) })
            try await scene.publisher.publish(topic: topic, #"{"msg":\#(anew),"msg_id":"2026-1","topic":"org.x"}"#)
            let line = try await scene.bridge.logged(Self.warning)
            #expect(line.contains("msg_id=2026-1") && line.contains("direction=to_amqp"))
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            for body in [first, anew] { #expect(try await scene.amqp.next().body == Data(body.utf8)) }
            try await scene.bridge.settles()
        }
    }

    @Test("to fedmsg: an equal one is dropped; one with other bytes passes, and is warned of", .timeLimit(.minutes(2)))
    func toFedmsg() async throws {
        try await AMQPToFedmsg.with { scene in
            try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                try await scene.probe { try !subscriber.taken().isEmpty }
                let (first, anew) = (#"{"a":1}"#, #"{"a": 1}"#)
                for body in [first, first] { try await Self.publish(body, on: scene.amqp) }
                try await scene.bridge.until(Self.duplicates("to_fedmsg"), is: 1)
                #expect(!scene.bridge.process.errors.lines.contains { $0.contains(Self.warning) })
                try await Self.publish(anew, on: scene.amqp)
                let line = try await scene.bridge.logged(Self.warning)
                #expect(line.contains("msg_id=2026-1") && line.contains("direction=to_fedmsg"))
                for body in [first, anew] {
                    let payload = try await subscriber.next(past: AMQPToFedmsg.probeTopic)[1]
                    #expect(String(decoding: payload, as: UTF8.self).contains(body))
                }
                try await scene.bridge.settles()
            }
        }
    }

    private static func publish(_ body: String, on amqp: PlainAMQP) async throws {
        try await amqp.publish(
            exchange: "amq.topic",
            topic: "org.x",
            body: Data(body.utf8),
            properties: ["message_id": "2026-1", "content_encoding": "utf-8"]
        )
    }

    private static func duplicates(_ direction: String) -> String {
        #"fedmsg_bridge_dropped_total{direction="\#(direction)",reason="duplicate"}"#
    }
}
