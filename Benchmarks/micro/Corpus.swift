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
    /// What a broker delivers them as, and who it delivers to.
    var deliveries: ByteBuffer
    var consuming: ConnectionMachine

    init(_ path: String) throws {
        self.path = path
        let lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
        envelopes = lines.map { ByteBuffer(bytes: $0) }
        let topics = try envelopes.map {
            try Envelope($0.readableBytesSpan).text(.topic, in: $0.readableBytesSpan) ?? ""
        }
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
        deliveries = try .deliveries(of: natives)
        consuming = .consuming()
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

extension ByteBuffer {
    fileprivate static func deliveries(of messages: [ToFedmsgTranslator.Source]) throws -> ByteBuffer {
        var deliveries = ByteBuffer()
        for (index, message) in messages.enumerated() {
            var publish = FrameWriter(frameMax: Corpus.frameMax)
            try publish.publish(message)
            var deliver = FrameWriter(frameMax: Corpus.frameMax)
            let method = Method.Basic.Deliver(
                consumerTag: "consumer",
                deliveryTag: UInt64(index + 1),
                redelivered: false,
                exchange: "amq.topic",
                routingKey: message.routingKey
            )
            try deliver.write(method, channel: 1)
            for part in deliver.take() { deliveries.writeImmutableBuffer(part) }
            var content = publish.take().reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
            let size = content.getInteger(at: content.readerIndex + Frame.sizeOffset, as: UInt32.self) ?? 0
            content.moveReaderIndex(forwardBy: Int(size) + Frame.overhead)
            deliveries.writeImmutableBuffer(content)
        }
        return deliveries
    }
}

extension ConnectionMachine {
    /// Open, with a consumer on channel 1.
    fileprivate static func consuming() -> ConnectionMachine {
        var machine = ConnectionMachine(configuration: AMQPConfiguration(), endpoint: AMQPEndpoint(), deadline: nil)
        machine.state = .open
        machine.decoder.agreed(on: Corpus.frameMax)
        var channel = ChannelMachine(number: 1, maxBodySize: .max)
        _ = channel.consumers.add(ConsumerRegistry.Consumer(id: 1, noAck: false), tag: "consumer")
        machine.channels = [nil, channel]
        return machine
    }
}
