import Foundation
import Testing

/// What may be published to an exchange that the bridge reads from, and is no message of fedora-messaging.
@Suite("Bad AMQP messages")
struct BadAMQPMessageTests {
    private struct Case {
        let name: String
        let body: Data
        var properties = ["message_id": "8f4c1a58-6f42-4f5b-9b0a-0d1c5b0f7a11", "content_encoding": "utf-8"]
        let reason: String
    }

    private static let rejected = [
        Case(name: "no id", body: Data("{}".utf8), properties: ["content_encoding": "utf-8"], reason: "no_id"),
        Case(name: "no JSON", body: Data("hello".utf8), reason: "bad_json"),
        Case(name: "empty", body: Data(), reason: "bad_json"),
        Case(name: "not UTF-8", body: Data([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), reason: "bad_json"),
        Case(name: "an array", body: Data("[]".utf8), reason: "body_not_an_object"),
        Case(
            name: "an encoding that nobody reads",
            body: Data("{}".utf8),
            properties: ["message_id": "1", "content_encoding": "utf-16"],
            reason: "bad_encoding"
        ),
    ]

    @Test("Each is refused for its reason, acknowledged, and a good one passes after it", .timeLimit(.minutes(3)))
    func table() async throws {
        try await AMQPToFedmsg.with { scene in
            try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                try await scene.probe { try !subscriber.taken().isEmpty }
                var counts: [String: Double] = [:]
                for (number, one) in Self.rejected.enumerated() {
                    try await scene.amqp.publish(
                        exchange: "amq.topic",
                        topic: "org.x.bad",
                        body: one.body,
                        properties: one.properties
                    )
                    try await scene.amqp.publish(
                        exchange: "amq.topic",
                        topic: "org.x.\(number)",
                        body: Data("{}".utf8),
                        properties: ["message_id": "good-\(number)"]
                    )
                    let frames = try await subscriber.next(past: AMQPToFedmsg.probeTopic)
                    #expect(frames.first == Data("org.x.\(number)".utf8), "\(one.name)")
                    counts[one.reason, default: 0] += 1
                    let name = #"fedmsg_bridge_rejected_total{direction="to_fedmsg",reason="\#(one.reason)"}"#
                    // Counted once the dead letter is on disk, which the next message does not wait for.
                    try await scene.bridge.until(name, is: counts[one.reason] ?? 0)
                }
            }
        }
    }

    @Test("A body in Latin-1 becomes UTF-8", .timeLimit(.minutes(2)))
    func latin1() async throws {
        try await AMQPToFedmsg.with { scene in
            try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                try await scene.probe { try !subscriber.taken().isEmpty }
                try await scene.amqp.publish(
                    exchange: "amq.topic",
                    topic: "org.x",
                    body: Data(#"{"a":""#.utf8) + [0xe9] + Data(#""}"#.utf8),
                    properties: ["message_id": "1", "content_encoding": "latin-1"]
                )
                let frames = try await subscriber.next(past: AMQPToFedmsg.probeTopic)
                #expect(String(decoding: frames[1], as: UTF8.self).contains(#""msg":{"a":"é"}"#))
            }
        }
    }
}
