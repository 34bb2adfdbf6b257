import Foundation
import Testing

@Suite("AMQP to fedmsg")
struct ToFedmsgTests {
    @Test(
        "300 messages of fedora-messaging reach fedmsg's own consumer as envelopes round the same bytes",
        .timeLimit(.minutes(5))
    )
    func publishedByTheLibrary() async throws {
        try await AMQPToFedmsg.with { scene in
            try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                try await FedmsgTail.with([scene.endpoint]) { tail in
                    try await scene.probe { try !subscriber.taken().isEmpty }
                    try await scene.probe { try !tail.taken().isEmpty }
                    let published = try await FedoraPublisher.with(url: scene.host.url) { publisher in
                        try await publisher.publishGenerated(300)
                    }
                    #expect(published.count == 300)
                    for message in published {
                        let frames = try await subscriber.next(past: AMQPToFedmsg.probeTopic)
                        let envelope = try await tail.next(past: AMQPToFedmsg.probeTopic)
                        try Self.expect(frames, and: envelope, tell: message)
                    }
                }
            }
        }
    }

    /// The raw frames have the body's bytes in a fedmsg envelope, and fedmsg reads the same out of them.
    private static func expect(
        _ frames: [Data],
        and received: FedmsgTail.Message,
        tell message: FedoraPublisher.Message
    ) throws {
        let envelope = received.envelope
        let sentAt = try Date(message.sentAt, strategy: .iso8601)
        let year = Calendar(identifier: .gregorian).dateComponents(in: .gmt, from: sentAt).year ?? 0
        let body = String(decoding: message.body, as: UTF8.self)
        #expect(
            frames.map { String(decoding: $0, as: UTF8.self) } == [
                message.topic,
                #"{"i":\#(envelope.i),"msg":\#(body),"msg_id":"\#(year)-\#(message.id)","#
                    + #""timestamp":\#(Int(sentAt.timeIntervalSince1970)),"topic":"\#(message.topic)","username":"amqp-bridge"}"#,
            ]
        )
        #expect(received.topic == message.topic)
        #expect(envelope.topic == message.topic)
        #expect(envelope.msgID == "\(year)-\(message.id)")
        #expect(envelope.username == "amqp-bridge")
    }
}
