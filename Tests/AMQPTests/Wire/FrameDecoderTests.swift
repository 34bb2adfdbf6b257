import NIOCore
import Testing

@testable import AMQP

@Suite("FrameDecoder")
struct FrameDecoderTests {
    /// Every frame of a conversation, with bodies up to a whole frame.
    private static func stream(using generator: inout SeededGenerator) throws -> (bytes: ByteBuffer, frames: [Frame]) {
        var bytes = ByteBuffer()
        var frames: [Frame] = []
        for sample in MethodSample.all.shuffled(using: &generator).prefix(8) {
            let channel = UInt16.random(in: .min ... .max, using: &generator)
            try bytes.writeMethod(sample.method.arguments, channel: channel, frameMax: 4096)
            frames.append(.method(channel: channel, sample.method))
            if Bool.random(using: &generator) {
                bytes.writeHeartbeat()
                frames.append(.heartbeat)
            }
            if Bool.random(using: &generator) {
                let body = ByteBuffer(bytes: [UInt8].random(upTo: 5000, using: &generator))
                let publish = Method.Basic.Publish(exchange: "e", routingKey: "k")
                let headers = AMQPHeaders(AMQPTable.random(using: &generator, levels: 2))
                let properties = AMQPBasicProperties(headers: headers, messageID: "1")
                try bytes.writePublish(publish, properties: properties, body: body, channel: channel, frameMax: 4096)
                var encoded = ByteBuffer()
                encoded.writeWithOutputRawSpan(minimumWritableBytes: try properties.encodedSize()) {
                    properties.append(to: &$0)
                }
                frames.append(.method(channel: channel, .basicPublish(publish)))
                let header = ContentHeader(bodySize: UInt64(body.readableBytes), encodedProperties: encoded)
                frames.append(.header(channel: channel, header))
                for start in stride(from: 0, to: body.readableBytes, by: 4088) {
                    let piece = body.getSlice(at: start, length: min(4088, body.readableBytes - start))
                    frames.append(.body(channel: channel, piece ?? ByteBuffer()))
                }
            }
        }
        return (bytes, frames)
    }

    /// What comes out, and the error that ends it, when the bytes come in pieces of the given lengths.
    private func decode(_ bytes: ByteBuffer, frameMax: UInt32 = 4096, pieceLength: () -> Int) -> ([Frame], WireError?) {
        var decoder = FrameDecoder(frameMax: frameMax)
        var bytes = bytes
        var frames: [Frame] = []
        while let piece = bytes.readSlice(length: min(pieceLength(), bytes.readableBytes)), piece.readableBytes > 0 {
            decoder.append(piece)
            do throws(WireError) {
                while let frame = try decoder.next() { frames.append(frame) }
            } catch {
                return (frames, error)
            }
        }
        return (frames, nil)
    }

    @Test("finds the same frames however the bytes are split", arguments: 0..<10 as Range<UInt64>)
    func splitting(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (bytes, frames) = try Self.stream(using: &generator)
        for limit in [1, 9, 100, 5000, .max] {
            let (found, error) = decode(bytes) { limit == .max ? .max : .random(in: 1...limit, using: &generator) }
            #expect(found == frames)
            #expect(error == nil)
        }
    }

    @Test("finds the same error in broken bytes however they are split", arguments: 0..<10 as Range<UInt64>)
    func brokenSplitting(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var (bytes, _) = try Self.stream(using: &generator)
        for _ in 0..<5 {
            let index = Int.random(in: 0..<bytes.readableBytes, using: &generator)
            bytes.setInteger(UInt8.random(in: .min ... .max, using: &generator), at: index)
            let whole = decode(bytes) { .max }
            for limit in [3, 5000] {
                let split = decode(bytes) { .random(in: 1...limit, using: &generator) }
                #expect(split.0 == whole.0)
                #expect(split.1 == whole.1)
            }
        }
    }

    @Test("survives any bytes", arguments: 0..<50 as Range<UInt64>)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var bytes = ByteBuffer(
                bytes: [[1, 2, 3, 8, 65].randomElement(using: &generator) ?? 1, 0, 0, 0, 0] as [UInt8]
            )
            bytes.writeBytes([UInt8].random(upTo: 300, using: &generator))
            _ = decode(bytes) { .max }
        }
    }

    @Test("takes a method with its payload, and nothing behind it")
    func oneByOne() throws {
        var decoder = FrameDecoder(frameMax: 8192)
        decoder.append(ByteBuffer(hex: "01 0001 00000004 00140029 ce 08 0000 00000000 ce 01"))
        #expect(try decoder.next() == .method(channel: 1, .channelCloseOk(.init())))
        #expect(try decoder.next() == .heartbeat)
        #expect(try decoder.next() == nil)
        #expect(decoder.isAmidFrame)
        decoder.append(ByteBuffer(hex: "0002 00000004 0014"))
        #expect(try decoder.next() == nil)
        #expect(decoder.isAmidFrame)
        decoder.append(ByteBuffer(hex: "0029 ce"))
        #expect(try decoder.next() == .method(channel: 2, .channelCloseOk(.init())))
        #expect(!decoder.isAmidFrame)
    }

    @Test(
        "answers a hostile frame with the code to close with",
        arguments: [
            ("00 0000 00000000", .unknownFrameType(0), .frameError),
            ("04 0000 00000000", .unknownFrameType(4), .frameError),
            ("41 4D51 00000000", .unknownFrameType(65), .frameError),
            ("ff ffff ffffffff", .unknownFrameType(255), .frameError),
            ("01 0001 ffffffff", .frameTooLarge(size: .max, limit: 8192), .frameError),
            ("02 0001 00001ff9", .frameTooLarge(size: 8185, limit: 8192), .frameError),
            ("03 0001 80000000", .frameTooLarge(size: 0x8000_0000, limit: 8192), .frameError),
            ("08 0000 fffffff8", .frameTooLarge(size: 0xFFFF_FFF8, limit: 8192), .frameError),
            ("08 0001 00000000", .heartbeatOnChannel(1), .frameError),
            ("08 0000 00000001", .heartbeatWithPayload(size: 1), .frameError),
            ("08 0000 00000000 00", .wrongFrameEnd(0), .frameError),
            ("01 0001 00000004 00140029 cd", .wrongFrameEnd(0xCD), .frameError),
            ("03 0001 00000001 00 cf", .wrongFrameEnd(0xCF), .frameError),
            ("01 0001 00000000 ce", .truncated, .syntaxError),
            ("01 0001 00000003 001400 ce", .truncated, .syntaxError),
            ("01 0001 00000004 00140063 ce", .unknownMethod(MethodID(classID: 20, methodID: 99)), .syntaxError),
            ("01 0001 00000005 0014002900 ce", .trailingBytes(1), .syntaxError),
            ("02 0001 00000000 ce", .truncated, .syntaxError),
            ("02 0001 0000000b 003c 0000 00000000000000 ce", .truncated, .syntaxError),
            ("02 0001 0000000e 0032 0000 0000000000000000 0000 ce", .unknownContentClass(50), .syntaxError),
            ("02 0001 0000000e 003c 0001 0000000000000000 0000 ce", .contentWeight(1), .syntaxError),
        ] as [(String, WireError, AMQPReplyCode)]
    )
    func hostile(hex: String, error: WireError, code: AMQPReplyCode) {
        for pieceLength in [1, 3, .max] {
            let (frames, found) = decode(ByteBuffer(hex: hex), frameMax: 8192) { pieceLength }
            #expect(frames.isEmpty)
            #expect(found == error)
        }
        #expect(error.replyCode == code)
    }

    @Test("tells a server of another version by its protocol header", arguments: [1, 7, 8])
    func protocolHeader(pieceLength: Int) {
        let (_, error) = decode(ByteBuffer(hex: "414d5150 00 01 00 0a")) { pieceLength }
        #expect(error == .protocolMismatch(major: 1, minor: 0, revision: 10))
        #expect(error?.replyCode == nil)
    }

    @Test("goes on failing after an error")
    func poisoned() {
        var decoder = FrameDecoder(frameMax: 8192)
        decoder.append(ByteBuffer(hex: "09"))
        decoder.append(ByteBuffer(hex: "0000 00000000"))
        #expect(throws: WireError.unknownFrameType(9)) { try decoder.next() }
        decoder.append(ByteBuffer(hex: "08 0000 00000000 ce"))
        #expect(throws: WireError.unknownFrameType(9)) { try decoder.next() }
    }

    @Test("takes a frame of exactly frame_max, and the new one after tune")
    func frameMax() throws {
        func frame(_ size: Int) -> ByteBuffer {
            var bytes = ByteBuffer()
            bytes.writeMultipleIntegers(3 as UInt8, 1 as UInt16, UInt32(size))
            bytes.writeRepeatingByte(7, count: size)
            bytes.writeInteger(206 as UInt8)
            return bytes
        }
        var decoder = FrameDecoder(frameMax: 8192)
        decoder.append(frame(8184))
        #expect(try decoder.next() == .body(channel: 1, ByteBuffer(repeating: 7, count: 8184)))
        decoder.agreed(on: 131_072)
        decoder.append(frame(131_064))
        #expect(try decoder.next() == .body(channel: 1, ByteBuffer(repeating: 7, count: 131_064)))
        decoder.append(frame(131_065))
        #expect(throws: WireError.frameTooLarge(size: 131_065, limit: 131_072)) { try decoder.next() }
    }

    @Test("a content header or method may outgrow frame_max once that is agreed on, up to a bound", arguments: [1, 2])
    func unsplit(type: UInt8) throws {
        func start(_ size: Int) -> ByteBuffer {
            var bytes = ByteBuffer()
            bytes.writeMultipleIntegers(type, 1 as UInt16, UInt32(size))
            return bytes
        }
        for frameMax in [4096, 131_072] as [UInt32] {
            var decoder = FrameDecoder(frameMax: 8192)
            decoder.agreed(on: frameMax)
            decoder.append(start((1 << 20) - 8))
            #expect(try decoder.next() == nil)
            decoder = FrameDecoder(frameMax: 8192)
            decoder.agreed(on: frameMax)
            decoder.append(start((1 << 20) - 7))
            #expect(throws: WireError.frameTooLarge(size: (1 << 20) - 7, limit: 1 << 20)) { try decoder.next() }
        }
        var decoder = FrameDecoder(frameMax: 8192)
        decoder.agreed(on: 1 << 21)
        decoder.append(start((1 << 21) - 8))
        #expect(try decoder.next() == nil)
    }

    @Test("a body of 2^63 bytes is announced, and nothing allocated")
    func hugeBody() throws {
        var decoder = FrameDecoder(frameMax: 8192)
        decoder.append(ByteBuffer(hex: "02 0001 0000000e 003c 0000 8000000000000000 0000 ce"))
        guard case .header(1, let header) = try decoder.next() else {
            Issue.record("no header")
            return
        }
        #expect(header.bodySize == 1 << 63)
    }

    @Test("a body within one read is not copied")
    func zeroCopy() throws {
        let read = ByteBuffer(hex: "03 0001 00000003 616263 ce")
        var decoder = FrameDecoder(frameMax: 8192)
        decoder.append(read)
        guard case .body(1, let body) = try decoder.next() else {
            Issue.record("no body")
            return
        }
        let expected = read.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) + 7 } }
        #expect(body.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) } } == expected)
    }
}
