import Foundation
import NIOCore
import Testing

@testable import AMQP

@Suite("Method")
struct MethodTests {
    @Test("is written as the grammar has it", arguments: MethodSample.all)
    func writing(sample: MethodSample) throws {
        var frame = ByteBuffer()
        try frame.writeMethod(sample.method.arguments, channel: 0x1234, frameMax: 4096)
        let payload = ByteBuffer(hex: sample.bytes)
        var expected = ByteBuffer(bytes: [1, 0x12, 0x34])
        expected.writeInteger(UInt32(payload.readableBytes))
        expected.writeImmutableBuffer(payload)
        expected.writeInteger(206 as UInt8)
        #expect(frame.hex == expected.hex)
    }

    @Test("is read as the grammar has it", arguments: MethodSample.all)
    func reading(sample: MethodSample) throws {
        #expect(try Method(decoding: ByteBuffer(hex: sample.bytes).readableBytesUInt8Span) == sample.method)
    }

    @Test("with a byte too few or too many is a syntax error", arguments: MethodSample.all)
    func wrongLength(sample: MethodSample) {
        var bytes = ByteBuffer(hex: sample.bytes)
        for length in 0..<bytes.readableBytes {
            let cut = bytes.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(throws: WireError.truncated) { try Method(decoding: cut.readableBytesUInt8Span) }
        }
        bytes.writeInteger(0 as UInt8)
        #expect(throws: WireError.trailingBytes(1)) { try Method(decoding: bytes.readableBytesUInt8Span) }
        #expect(WireError.truncated.replyCode == .syntaxError)
        #expect(WireError.trailingBytes(1).replyCode == .syntaxError)
    }

    @Test("samples are of every method")
    func completeness() {
        #expect(Set(MethodSample.all.map { type(of: $0.method.arguments).id }).count == 64)
    }

    @Test("of an unknown class or number is a syntax error", arguments: [(10, 99), (61, 10), (0, 0), (0xFFFF, 0xFFFF)])
    func unknown(classID: UInt16, methodID: UInt16) {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(classID, methodID)
        let error = WireError.unknownMethod(MethodID(classID: classID, methodID: methodID))
        #expect(throws: error) { try Method(decoding: bytes.readableBytesUInt8Span) }
        #expect(error.replyCode == .syntaxError)
    }

    @Test("text that is not UTF-8 reaches the consumer, replaced and marked")
    func invalidText() throws {
        let sample = "003c003c 0163 0000000000000001 00 0165 02ff6b"
        guard case .basicDeliver(let deliver) = try Method(decoding: ByteBuffer(hex: sample).readableBytesUInt8Span)
        else {
            Issue.record("not a delivery")
            return
        }
        #expect(deliver.hasInvalidText)
        #expect(deliver.routingKey == "\u{FFFD}k")
        #expect(deliver.deliveryTag == 1)
    }

    @Test("names itself and its answers")
    func names() {
        #expect("\(Method.Queue.DeclareOk.id)" == "queue.declare-ok")
        #expect("\(MethodID(classID: 1, methodID: 2))" == "1.2")
        #expect(Method.Basic.Get.id.replies == [Method.Basic.GetOk.id, Method.Basic.GetEmpty.id])
        #expect(Method.Basic.Ack.id.replies.isEmpty)
    }

    @Test("too long for one frame is an error before any byte")
    func tooLong() {
        let declare = Method.Queue.Declare(
            queue: "q",
            arguments: ["a": .longString(String(repeating: "x", count: 5000))]
        )
        var buffer = ByteBuffer(bytes: [1, 2, 3])
        #expect(throws: WireError.doesNotFitFrame(size: 5020, frameMax: 4096)) {
            try buffer.writeMethod(declare, channel: 1, frameMax: 4096)
        }
        #expect(throws: WireError.shortStringTooLong(length: 256)) {
            let purge = Method.Queue.Purge(queue: String(repeating: "q", count: 256))
            try buffer.writeMethod(purge, channel: 1, frameMax: 4096)
        }
        #expect(Array(buffer: buffer) == [1, 2, 3])
    }

    @Test("a secret prints as its length alone")
    func secrets() {
        let startOk = Method.Connection.StartOk(
            clientProperties: [:],
            mechanism: "PLAIN",
            response: LongString("\0guest\0hunter2"),
            locale: "en_US"
        )
        for text in ["\(startOk)", String(reflecting: Method.connectionStartOk(startOk))] {
            #expect(text.contains("<14 bytes>") && !text.contains("hunter2") && !text.contains("104"))
        }
        var dumped = ""
        dump(Method.connectionStartOk(startOk), to: &dumped)
        #expect(!dumped.contains("104") && dumped.contains("PLAIN"))
    }

    @Test("generated files are what the grammar gives", .timeLimit(.minutes(2)))
    func generated() async throws {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath()
        let root = (0..<4).reduce(file) { folder, _ in folder.deletingLastPathComponent() }
        let check = Process()
        check.executableURL = URL(filePath: "/usr/bin/env")
        check.arguments = ["python3", root.appending(path: "scripts/generate-amqp-methods.py").path, "--check"]
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        check.terminationHandler = { _ in end.finish() }
        try check.run()
        for await _ in ends {}
        // Else the time limit has ended the wait. A child of a thread of Dispatch blocks every other signal.
        if check.isRunning { kill(check.processIdentifier, SIGKILL) }
        try Task.checkCancellation()
        #expect(check.terminationStatus == 0)
    }
}
