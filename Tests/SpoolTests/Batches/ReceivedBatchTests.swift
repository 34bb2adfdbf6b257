import NIOCore
import Testing

@testable import Spool

@Suite struct ReceivedBatchTests {
    @Test(arguments: [
        [["topic", "payload"]],
        [["org.fedoraproject.prod.a", "{}"], ["b", ""], ["", "c"]],
        [[], ["only one"], ["three", "of", "them"], ["a", "b"]],
    ])
    func `frames come back as they were appended, and again from the row's bytes`(messages: [[String]]) throws {
        let batch = ReceivedBatch(messages, at: 17)
        let decoded = try #require(ReceivedBatch(row: batch.bytes, receivedAt: 17))

        for batch in [batch, decoded] {
            #expect(batch.texts == messages)
            #expect(batch.receivedAt == 17)
        }
        #expect(batch.bytes == decoded.bytes)
    }

    @Test func `the three ways to append write the same bytes`() {
        var pair = ReceivedBatch()
        var pointers = ReceivedBatch()
        let (topic, payload) = (Array("topic".utf8), Array("payload".utf8))
        topic.withUnsafeBytes { topic in
            payload.withUnsafeBytes { payload in
                _ = pair.append(topic: topic, payload: payload)
                _ = pointers.append(frames: [topic, payload])
            }
        }
        let buffers = ReceivedBatch([["topic", "payload"]])

        #expect(pair.bytes == buffers.bytes)
        #expect(pointers.bytes == buffers.bytes)
    }

    @Test func `topic and payload of a message that has not two frames are what there is of them`() {
        let batch = ReceivedBatch([[], ["a"], ["a", "b", "c"]])

        #expect(batch[0].topic.readableBytes == 0)
        #expect(batch[1].payload.readableBytes == 0)
        #expect(batch[2].topic == ByteBuffer(string: "a"))
        #expect(batch[2].payload == ByteBuffer(string: "b"))
    }

    @Test func `a batch without its first messages keeps the others`() {
        let batch = ReceivedBatch([["a", "1"], ["b", "2"], ["c", "3"]])

        #expect(batch.dropFirst(2).texts == [["c", "3"]])
        #expect(batch.dropFirst(1).dropFirst(1).texts == [["c", "3"]])
        #expect(batch.dropFirst(9).isEmpty)
    }

    @Test(
        arguments: [[], [2], [1, 1], [1, 1, 0, 0, 0], [1, 255, 255, 255, 255], [1, 1, 0, 0, 0, 2, 0, 0, 0, 7]]
            as [[UInt8]]
    )
    func `bytes that are no row are refused`(bytes: [UInt8]) {
        #expect(ReceivedBatch(row: ByteBuffer(bytes: bytes), receivedAt: 0) == nil)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `any bytes are decoded to a batch that can be read, or refused`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let batch = ReceivedBatch((0..<Int.random(in: 1...5, using: &random)).map { ["topic \($0)", "payload"] })
        var bytes = batch.bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 0..<bytes.readableBytes, using: &random)
            bytes.setInteger(UInt8.random(in: 0...255, using: &random), at: index)
        }

        guard let decoded = ReceivedBatch(row: bytes, receivedAt: 0, expecting: .max) else { return }
        #expect(decoded.texts.joined().joined().utf8.count <= 3 * bytes.readableBytes)
    }
}
