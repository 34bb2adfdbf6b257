import Foundation
import Testing

@Suite("fedmsg to AMQP")
struct ToAMQPTests {
    @Test(
        "Every captured fedmsg becomes a Message for fedora-messaging, which finds nothing to complain about",
        .timeLimit(.minutes(5))
    )
    func capturedFedmsgs() async throws {
        let expected = try await ExpectedMessage.messages(of: Project.fedmsgs)
        #expect(expected.count == 337)
        try await FedmsgToAMQP.with { scene in
            try await FedoraConsumer.with(url: scene.host.url, exchange: FedmsgToAMQP.exchange) { consumer in
                try await scene.amqp.consume(FedmsgToAMQP.queue)
                let start = Date.now
                try await scene.publisher.publish(file: Project.fedmsgs, foreign: true)
                for message in expected {
                    let received = try await consumer.next()
                    #expect(received.id == message.id)
                    #expect(received.topic == message.topic)
                    #expect(received.severity == 20)
                    #expect(received.canonical == message.canonical)
                    if let sentAt = message.sentAt {
                        #expect(received.headers.sentAt == sentAt)
                    } else {
                        let time = try Date(received.headers.sentAt, strategy: .iso8601)
                        #expect((start.addingTimeInterval(-1)...Date.now).contains(time))
                    }
                    let onTheWire = try await scene.amqp.next()
                    #expect(onTheWire.body == message.body)
                    #expect(onTheWire.exchange == FedmsgToAMQP.exchange)
                }
                #expect(try consumer.warnings() == [])
            }
        }
    }

    @Test("With body = \"envelope\" the whole fedmsg is the body", .timeLimit(.minutes(2)))
    func envelopeAsBody() async throws {
        let envelope = #"{"i": 1, "msg": {"a": 1.0}, "msg_id": "2019-1", "timestamp": 1564513942, "topic": "org.x"}"#
        try await FedmsgToAMQP.with {
            $0["to_amqp", "body"] = "\"envelope\""
        } _: { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            try await scene.publisher.publish(topic: "org.x", envelope)
            #expect(try await scene.amqp.next().body == Data(envelope.utf8))
        }
    }

    @Test("Only the configured topics come, with the configured prefix before them", .timeLimit(.minutes(2)))
    func topics() async throws {
        try await FedmsgToAMQP.with {
            $0["to_amqp", "topics"] = #"["org.wanted"]"#
            $0["", "topic_prefix"] = #""bridged""#
        } _: { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            try await scene.publisher.publish(topic: "org.other", #"{"msg": {}, "msg_id": "1", "topic": "org.other"}"#)
            try await scene.publisher.publish(
                topic: "org.wanted.x",
                #"{"msg": {}, "msg_id": "2", "topic": "org.wanted.x"}"#
            )
            let message = try await scene.amqp.next()
            #expect(message.topic == "bridged.org.wanted.x")
            #expect(message.property("message_id") == "2")
        }
    }
}
