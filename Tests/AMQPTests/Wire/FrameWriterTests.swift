import NIOCore
import Testing

@testable import AMQP

@Suite("FrameWriter")
struct FrameWriterTests {
    private let publish = Method.Basic.Publish(exchange: "e", routingKey: "key", mandatory: true)

    private func written(_ write: (inout FrameWriter) throws -> Void) rethrows -> ByteBuffer {
        var writer = FrameWriter(frameMax: 4096)
        try write(&writer)
        return writer.take().reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    @Test("writes method, header and body of a message")
    func message() throws {
        let bytes = try written {
            let properties = AMQPBasicProperties(headers: ["h": .int32(7)], deliveryMode: .persistent)
            try $0.write(publish, properties: properties, body: ByteBuffer(string: "body"), channel: 5)
        }
        let expected = """
            01 0005 0000000d 003c 0028 0000 0165 036b6579 01 ce
            02 0005 0000001a 003c 0000 0000000000000004 3000 00000007 0168 49 00000007 02 ce
            03 0005 00000004 626f6479 ce
            """
        #expect(bytes.hex == ByteBuffer(hex: expected).hex)
    }

    @Test("writes no body frame for an empty body")
    func emptyBody() throws {
        let bytes = try written {
            try $0.write(publish, properties: AMQPBasicProperties(), body: ByteBuffer(), channel: 1)
        }
        let expected = """
            01 0001 0000000d 003c 0028 0000 0165 036b6579 01 ce
            02 0001 0000000e 003c 0000 0000000000000000 0000 ce
            """
        #expect(bytes.hex == ByteBuffer(hex: expected).hex)
    }

    @Test(
        "splits a body at frame_max - 8, copied or shared",
        arguments: [1, 4087, 4088, 4089, 8176, 8177, 16_383, 16_384, 16_385, 40_880, 100_000]
    )
    func splitting(length: Int) throws {
        let body = ByteBuffer(bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let before = Method.Channel.OpenOk()
        var expected = ByteBuffer()
        try expected.writeMethod(before, channel: 1, frameMax: 4096)
        try expected.writePublish(
            publish,
            properties: AMQPBasicProperties(),
            body: body,
            channel: 1,
            frameMax: 4096
        )
        expected.writeHeartbeat()

        let bytes = try written {
            try $0.write(before, channel: 1)
            try $0.write(publish, properties: AMQPBasicProperties(), body: body, channel: 1)
            $0.writeHeartbeat()
        }
        #expect(bytes == expected)

        var decoder = FrameDecoder(frameMax: 4096)
        decoder.append(bytes)
        var bodies: [ByteBuffer] = []
        while let frame = try decoder.next() {
            if case .body(1, let piece) = frame { bodies.append(piece) }
        }
        #expect(bodies.dropLast().allSatisfy { $0.readableBytes == 4088 })
        #expect(bodies.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) } == body)
    }

    @Test("shares a large body instead of copying it")
    func sharing() throws {
        let body = ByteBuffer(repeating: 1, count: 20_000)
        var writer = FrameWriter(frameMax: 131_072)
        try writer.write(publish, properties: AMQPBasicProperties(), body: body, channel: 1)
        let buffers = writer.take()
        #expect(buffers.map(\.readableBytes) == [21 + 22 + 7, 20_000, 1])
        func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? { buffer.withUnsafeReadableBytes { $0.baseAddress } }
        #expect(address(buffers[1]) == address(body))
    }

    @Test("gives everything once")
    func taking() {
        var writer = FrameWriter()
        #expect(writer.isEmpty && writer.take().isEmpty)
        writer.writeProtocolHeader()
        writer.writeHeartbeat()
        #expect(!writer.isEmpty)
        #expect(writer.take() == [ByteBuffer(hex: "414d5150 00000901 08 0000 00000000 ce")])
        #expect(writer.isEmpty && writer.take().isEmpty)
        writer.writeHeartbeat()
        #expect(writer.take() == [ByteBuffer(hex: "08 0000 00000000 ce")])
    }

    @Test(
        "refuses what can't be sent before any byte",
        arguments: [
            (Method.Basic.Publish(exchange: .repeating("e", 256), routingKey: ""), AMQPBasicProperties()),
            (Method.Basic.Publish(exchange: "", routingKey: .repeating("é", 128)), AMQPBasicProperties()),
            (Method.Basic.Publish(exchange: "", routingKey: ""), AMQPBasicProperties(messageID: .repeating("m", 256))),
            (
                Method.Basic.Publish(exchange: "", routingKey: ""),
                AMQPBasicProperties(headers: [.repeating("k", 256): .void])
            ),
        ] as [(Method.Basic.Publish, AMQPBasicProperties)],
        [0, 100, 20_000]
    )
    func refused(message: (publish: Method.Basic.Publish, properties: AMQPBasicProperties), bodyLength: Int) {
        var writer = FrameWriter(frameMax: 4096)
        writer.writeHeartbeat()
        #expect(throws: WireError.shortStringTooLong(length: 256)) {
            let body = ByteBuffer(repeating: 0, count: bodyLength)
            try writer.write(message.publish, properties: message.properties, body: body, channel: 1)
        }
        #expect(writer.take().map(\.readableBytes) == [8])
    }

    @Test("takes a header of frame_max - 8 bytes, and refuses one more")
    func largestHeader() throws {
        // 12 bytes and flags, the table's length, the key `k`, the value's type and length.
        let room = 4088 - 14 - 4 - 2 - 5
        let fitting = AMQPBasicProperties(headers: ["k": .bytes(Array(repeating: 0, count: room))])
        let tooLarge = AMQPBasicProperties(headers: ["k": .bytes(Array(repeating: 0, count: room + 1))])
        let bytes = try written { try $0.write(publish, properties: fitting, body: ByteBuffer(), channel: 1) }
        #expect(bytes.readableBytes == 21 + 4096)
        for properties in [
            tooLarge,
            AMQPBasicProperties(headers: AMQPHeaders(encoded: try #require(try? tooLarge.headers?.encoded()))),
        ] {
            #expect(throws: WireError.doesNotFitFrame(size: 4089, frameMax: 4096)) {
                _ = try written { try $0.write(publish, properties: properties, body: ByteBuffer(), channel: 1) }
            }
        }
    }
}

extension String {
    fileprivate static func repeating(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }
}
