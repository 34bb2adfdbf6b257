import Bridge
import Fedmsg
import Foundation
import NIOCore
import Settings
import Spool

@testable import AMQP

/// Captured fedmsgs, and what becomes of them.
struct Corpus {
    var path: String
    var envelopes: [ByteBuffer]
    var topics: [ByteBuffer]
    var translator = ToAMQPTranslator(configuration: BridgeConfiguration())
    var natives: [ToFedmsgTranslator.Source]
    var toFedmsg = ToFedmsgTranslator(configuration: BridgeConfiguration(), purpose: .replay)
    var identities: [MessageDigest]
    var frames: ByteBuffer

    init(_ path: String) throws {
        self.path = path
        let lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
        envelopes = lines.map { ByteBuffer(bytes: $0) }
        let topics = try envelopes.map { try Envelope($0.readableBytesSpan).topic(in: $0.readableBytesSpan) ?? "" }
        self.topics = topics.map { ByteBuffer(string: $0) }
        let translator = translator
        let messages = try zip(self.topics, envelopes).map { try translator.translate(topic: $0, envelope: $1).message }
        natives = messages.map {
            var properties = $0.properties
            properties.headers = ["sent-at": "2019-07-30T19:12:22+00:00", "fedora_messaging_severity": .int32(20)]
            return ToFedmsgTranslator.Source(routingKey: $0.routingKey, properties: properties, body: $0.body)
        }
        identities = messages.map {
            let digest = MessageIdentity.digest(
                id: ($0.properties.messageID ?? "").utf8Span.span.bytes,
                topic: $0.routingKey.utf8Span.span.bytes,
                body: $0.body.readableBytesSpan
            )
            return MessageDigest(high: digest.high, low: digest.low)
        }
        frames = ByteBuffer()
        var writer = FrameWriter(frameMax: Self.frameMax)
        for native in natives { try writer.publish(native) }
        for part in writer.take() { frames.writeImmutableBuffer(part) }
    }

    static let frameMax: UInt32 = 131_072

    var bytes: Int { envelopes.reduce(0) { $0 + $1.readableBytes } }
}

extension FrameWriter {
    mutating func publish(_ message: ToFedmsgTranslator.Source) throws {
        try write(
            Method.Basic.Publish(exchange: "amq.topic", routingKey: message.routingKey),
            properties: message.properties,
            body: message.body,
            channel: 1
        )
    }
}
