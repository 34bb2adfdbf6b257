import Testing
import ZeroMQ

@Suite("ZeroMQSocket, receiving", .timeLimit(.minutes(5)))
struct ReceivingTests {
    @Test(
        "hands on whatever frames a message has",
        arguments: [
            [1], [0], [2, 2], [0, 0], [0, 5, 0], [3, 0], [33, 34], [1, 100_000], [255, 256, 257],
            Array(repeating: 1, count: 64), Array(repeating: 0, count: 64),
        ]
    )
    func frameShapes(sizes: [Int]) async throws {
        let frames = sizes.enumerated().map { index, size in [UInt8](repeating: UInt8(index), count: size) }
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            #expect(try await publisher.sendFrames(frames) == .sent)
            try await subscriber.until { !$0.messages.isEmpty }
            #expect(await subscriber.messages == [frames])
            #expect(await subscriber.droppedFrames == 0)
        }
    }

    @Test("counts the frames beyond the sixty-fourth, drops them, and goes on", arguments: [65, 1000])
    func tooManyFrames(count: Int) async throws {
        let frames = (0..<count).map { [UInt8(truncatingIfNeeded: $0), 7] }
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            _ = try await publisher.sendFrames(frames)
            _ = try await publisher.send([1], [2])
            try await subscriber.until { $0.messages.count == 2 }
            // The last place is the one that dropped frames pass through.
            #expect(await subscriber.messages[0].prefix(63) == frames.prefix(63))
            #expect(await subscriber.messages[0].count == 64)
            #expect(await subscriber.droppedFrames == count - 64)
            #expect(await subscriber.messages[1] == [[1], [2]])
            #expect(await subscriber.batches.reduce(0) { $0 + $1.bytes } >= count * 2 + 2)
        }
    }

    @Test("passes a message of 10 MiB")
    func largeMessage() async throws {
        let body = (0..<10 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            _ = try await publisher.send([1], body)
            try await subscriber.until { !$0.messages.isEmpty }
            #expect(await subscriber.messages == [[[1], body]])
        }
    }

    @Test("stops at the batch's limits and takes the rest in later turns, in order")
    func batchLimits() async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(
                on: thread,
                publisher: { try $0.set(.sndhwm, to: 0) },
                subscriber: { try $0.set(.rcvhwm, to: 0) }
            )
            let already = await subscriber.batches.count
            await subscriber.read(upTo: 7, maxBytes: 50)
            for index in 0..<1000 {
                _ = try await publisher.send([UInt8(index / 256), UInt8(index % 256)], .init(repeating: 0, count: 8))
            }
            try await subscriber.until { $0.messages.count == 1000 }
            let batches = await subscriber.batches.dropFirst(already)
            #expect(await subscriber.messages.map { $0[0] } == (0..<1000).map { [UInt8($0 / 256), UInt8($0 % 256)] })
            // Five messages of ten bytes reach fifty.
            #expect(batches.allSatisfy { $0.messages <= 5 && $0.bytes == $0.messages * 10 })
            #expect(batches.allSatisfy { $0.isDrained || $0.messages == 5 })
        }
    }

    @Test("leaves messages in the socket while nobody reads it")
    func paused() async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            await subscriber.pause()
            for index in 0..<10 { _ = try await publisher.send([UInt8(index)]) }
            #expect(await subscriber.messages.isEmpty)
            await subscriber.read()
            try await subscriber.until { $0.messages.count == 10 }
        }
    }
}
