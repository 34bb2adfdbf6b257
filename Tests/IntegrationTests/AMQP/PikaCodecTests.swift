import Foundation
import NIOCore
import Testing

@testable import AMQP

/// Our codec beside the one that every fedora-messaging peer runs.
@Suite("Codec beside pika's")
struct PikaCodecTests {
    private struct Command: Encodable {
        let `do`: String
        var seed: Int?
        var count: Int?
        var frames: [Data]?
    }

    private struct Written: Decodable { let frames: [Data] }
    private struct Read: Decodable { let headers: [String] }

    @Test("What pika writes is read, and written again as the same bytes", .timeLimit(.minutes(2)), arguments: 1...5)
    func reading(seed: Int) async throws {
        let frames = try await PythonPeer.with("pika_codec") { peer in
            try peer.send(Command(do: "write", seed: seed, count: 20))
            return try await peer.next("written", as: Written.self).frames.map { ByteBuffer(bytes: $0) }
        }
        #expect(frames.count == 20 * 65)
        for frame in frames {
            let again = try rewritten(frame)
            #expect(again == frame, "\(again.hexDump(format: .compact)) for \(frame.hexDump(format: .compact))")
        }
    }

    /// Reads a frame down to each property and field, and writes what was read.
    private func rewritten(_ bytes: ByteBuffer) throws -> ByteBuffer {
        var decoder = FrameDecoder(frameMax: .max)
        decoder.append(bytes)
        var result = ByteBuffer()
        switch try decoder.next() {
        case .method(let channel, let method):
            try result.writeMethod(method.arguments, channel: channel, frameMax: .max)
        case .header(let channel, let header):
            var properties = AMQPBasicProperties(decoding: header.encodedProperties)
            try #require(properties.malformed.isEmpty)
            properties.headers = try properties.headers.map { AMQPHeaders(try $0.table()) }
            result = try contentHeader(properties, channel: channel, bodySize: header.bodySize)
        case let other: Issue.record("pika wrote \(String(describing: other))")
        }
        return result
    }

    @Test("Each type of value that is written, pika reads as the same", .timeLimit(.minutes(2)))
    func writing() async throws {
        let values: [(AMQPFieldValue, pika: String)] = [
            (.boolean(true), "bool True"),
            (.int8(.min), "int -128"),
            (.uint8(.max), "int 255"),
            (.int16(.min), "int -32768"),
            (.uint16(.max), "int 65535"),
            (.int32(.min), "int -2147483648"),
            (.uint32(.max), "int 4294967295"),
            (.int64(.min), "long -9223372036854775808"),
            // pika makes integers of floating-point numbers.
            (.float(-2.5), "long -2"),
            (.double(1e15), "long 1000000000000000"),
            (.decimal(scale: 2, value: -314), "Decimal -3.14"),
            (.longString("é€😀"), "str é€😀"),
            (.longStringBytes([0xFF]), #"bytes b'\xff'"#),
            (.bytes([0x61, 0]), #"bytes b'a\x00'"#),
            (.timestamp(1_564_513_942), "datetime 2019-07-30 19:12:22+00:00"),
            (.array([.int8(1), .array([]), .void]), "[int 1, [], NoneType None]"),
            (.table(["a": .table(["b": true]), "c": .table([:])]), "{a: {b: bool True}, c: {}}"),
            (.void, "NoneType None"),
        ]
        let frames = try values.map { value, _ in
            try contentHeader(AMQPBasicProperties(headers: ["k": value], messageID: "1"), channel: 1, bodySize: 0)
        }
        let headers = try await PythonPeer.with("pika_codec") { peer in
            try peer.send(Command(do: "read", frames: frames.map { Data($0.readableBytesView) }))
            return try await peer.next("read", as: Read.self).headers
        }
        #expect(headers == values.map { "{k: \($0.pika)}" })
    }

    private func contentHeader(
        _ properties: AMQPBasicProperties,
        channel: UInt16,
        bodySize: UInt64
    ) throws -> ByteBuffer {
        let size = try properties.encodedSize()
        var frame = ByteBuffer()
        frame.writeMultipleIntegers(2 as UInt8, channel, UInt32(12 + size), 60 as UInt16, 0 as UInt16, bodySize)
        frame.writeWithOutputRawSpan(minimumWritableBytes: size) { properties.append(to: &$0) }
        frame.writeInteger(206 as UInt8)
        return frame
    }
}
