import NIOCore
import Testing

@testable import AMQP

@Suite("EncodedPublish")
struct EncodedPublishTests {
    private let longest = String(repeating: "k", count: 255)

    @Test("goes out as the message that it is of, whatever properties it has", arguments: 0..<200 as Range<UInt64>)
    func sameBytes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let mandatory = Bool.random(using: &generator)
        let exchange = String.random(upTo: 20, using: &generator)
        let common = AMQPBasicProperties.random(using: &generator)
        let template = try PublishTemplate(exchange: exchange, mandatory: mandatory, properties: common)
        var messages: [AMQPMessage] = []
        var heads = ByteBuffer()
        var written: [EncodedPublish.Head] = []
        for length in [0, 1, 16_376, 16_377, 16_383, 16_384, 40_000].shuffled(using: &generator) {
            var message = AMQPMessage(
                exchange: exchange,
                routingKey: .random(upTo: 20, using: &generator),
                properties: common,
                body: ByteBuffer(repeating: UInt8(truncatingIfNeeded: seed), count: length),
                mandatory: mandatory
            )
            message.properties.messageID = .random(upTo: 20, using: &generator)
            message.properties.headers = AMQPHeaders(.random(using: &generator, levels: 2))
            messages.append(message)
            written.append(try template.write(message, to: &heads))
        }
        var expected = FrameWriter(frameMax: 16_384)
        var output = FrameWriter(frameMax: 16_384)
        for (message, head) in zip(messages, written) {
            let number = UInt64.random(in: 1 ... .max, using: &generator)
            let channel = UInt16.random(in: 1 ... .max, using: &generator)
            try message.write(to: &expected, number: number, channel: channel)
            let encoded = EncodedPublish(head, in: heads, body: message.body)
            try encoded.write(to: &output, number: number, channel: channel)
        }
        #expect(output.take() == expected.take())
    }

    @Test("asks for room enough, whatever the headers' length", arguments: [true, false])
    func room(mandatory: Bool) throws {
        let template = try PublishTemplate(exchange: "e", mandatory: mandatory, properties: AMQPBasicProperties())
        // Buffers have a power of two: at some length nothing is to spare.
        for length in 0...1100 {
            var heads = ByteBuffer()
            var message = AMQPMessage(exchange: "e", routingKey: "k", body: ByteBuffer())
            message.properties.headers = AMQPHeaders(encoded: ByteBuffer(repeating: 0, count: length))
            _ = try template.write(message, to: &heads)
            #expect(heads.readableBytes > length)
        }
    }

    @Test("takes texts of 255 bytes, and refuses longer ones before any byte")
    func texts() throws {
        let template = try PublishTemplate(exchange: longest, mandatory: false, properties: AMQPBasicProperties())
        var heads = ByteBuffer()
        var message = AMQPMessage(exchange: longest, routingKey: longest, body: ByteBuffer())
        message.properties.messageID = longest
        _ = try template.write(message, to: &heads)
        let before = heads
        var longKey = message
        longKey.routingKey += "k"
        var longID = message
        longID.properties.messageID? += "i"
        for message in [longKey, longID] {
            #expect { try template.write(message, to: &heads) } throws: {
                ($0 as? AMQPError)?.code == .invalidArgument && "\($0)".contains("256")
            }
        }
        #expect(heads == before)
        #expect { try PublishTemplate(exchange: longest + "e", mandatory: false, properties: .init()) } throws: {
            ($0 as? AMQPError)?.code == .invalidArgument
        }
    }

    @Test("is refused before any byte where its header is larger than the broker's frames")
    func largestHeader() throws {
        let template = try PublishTemplate(exchange: "e", mandatory: false, properties: AMQPBasicProperties())
        var heads = ByteBuffer()
        // 12 bytes and flags, the table's length, the key `k`, the value's type and length, an id of one byte.
        for (room, fits) in [(4088 - 14 - 4 - 2 - 5 - 2, true), (4089 - 14 - 4 - 2 - 5 - 2, false)] {
            var message = AMQPMessage(exchange: "e", routingKey: "k", body: ByteBuffer(string: "body"))
            message.properties.messageID = "1"
            message.properties.headers = ["k": .bytes(Array(repeating: 0, count: room))]
            let encoded = EncodedPublish(try template.write(message, to: &heads), in: heads, body: message.body)
            var output = FrameWriter(frameMax: 4096)
            if fits {
                try encoded.write(to: &output, number: 1, channel: 1)
            } else {
                #expect(throws: WireError.doesNotFitFrame(size: 4089, frameMax: 4096)) {
                    try encoded.write(to: &output, number: 1, channel: 1)
                }
            }
            #expect(output.isEmpty == !fits)
        }
    }
}

extension PublishTemplate {
    fileprivate func write(_ message: AMQPMessage, to heads: inout ByteBuffer) throws -> EncodedPublish.Head {
        let entries = try message.properties.headers?.encoded() ?? ByteBuffer()
        return try write(
            routingKey: message.routingKey.utf8Span.span.bytes,
            messageID: (message.properties.messageID ?? "").utf8Span.span.bytes,
            headersCapacity: entries.readableBytes,
            to: &heads
        ) { $0.appendBytes(entries.readableBytesSpan) }
    }
}

extension AMQPBasicProperties {
    /// Any of them but headers and message id.
    fileprivate static func random(using generator: inout SeededGenerator) -> AMQPBasicProperties {
        var properties = AMQPBasicProperties()
        for text in [
            \.contentType, \.contentEncoding, \.correlationID, \.replyTo, \.expiration, \.type, \.userID, \.appID,
            \.clusterID,
        ] as [WritableKeyPath<AMQPBasicProperties, String?>] where Bool.random(using: &generator) {
            properties[keyPath: text] = .random(upTo: 20, using: &generator)
        }
        if Bool.random(using: &generator) { properties.deliveryMode = .persistent }
        if Bool.random(using: &generator) { properties.priority = 9 }
        if Bool.random(using: &generator) { properties.timestamp = generator.next() }
        return properties
    }
}
