import Testing
import ZeroMQ

@Suite("ZeroMQSocket, sending", .timeLimit(.minutes(1)))
struct SendingTests {
    /// A publisher that does not drop, on a queue of `mark` messages to each subscriber.
    private static func makePublisher(on thread: ZeroMQThread, mark: Int) async throws -> (Peer, endpoint: String) {
        let publisher = Peer(.pub, on: thread)
        let endpoint = try await publisher.open { socket in
            try socket.set(.sndhwm, to: mark)
            try socket.set(.xpubNodrop, to: 1)
            return try socket.bind("tcp://127.0.0.1:*")
        }
        return (publisher, endpoint)
    }

    private static func makeSubscriber(on thread: ZeroMQThread, to endpoint: String) async throws -> Peer {
        let subscriber = Peer(.sub, on: thread)
        try await subscriber.open { socket in
            try socket.set(.rcvhwm, to: 4)
            try socket.subscribe(to: "")
            try socket.connect(endpoint)
        }
        return subscriber
    }

    /// Numbers a message that is too large for many to fit into TCP's buffers.
    private static func body(_ index: Int) -> [UInt8] {
        [UInt8(index / 256), UInt8(index % 256)] + [UInt8](repeating: 0, count: 200_000)
    }

    private static func number(_ message: [[UInt8]]) -> Int {
        Int(message[1][0]) * 256 + Int(message[1][1])
    }

    /// Sends numbered messages until one is refused.
    ///
    /// - Returns: the refused one's number.
    private static func fill(_ publisher: Peer) async throws -> Int {
        var index = 0
        while try await publisher.send([1], body(index)) == .sent {
            index += 1
            try #require(index < 1000, "a subscriber that reads nothing never lagged")
        }
        return index
    }

    @Test("says that it would block while a subscriber lags, goes on once it reads, and loses nothing")
    func lag() async throws {
        try await withThread { thread in
            let (publisher, endpoint) = try await Self.makePublisher(on: thread, mark: 4)
            let subscriber = try await Self.makeSubscriber(on: thread, to: endpoint)
            try await meet(publisher, subscriber)
            await subscriber.pause()
            let refused = try await Self.fill(publisher)
            #expect(try await publisher.send([1], Self.body(refused)) == .wouldBlock)

            await subscriber.read()
            for index in refused..<refused + 20 {
                while try await publisher.send([1], Self.body(index)) == .wouldBlock {
                    await thread.wait(.milliseconds(2))
                }
            }
            await subscriber.until { $0.messages.count == refused + 20 }
            #expect(await subscriber.messages.map(Self.number) == Array(0..<refused + 20))
            #expect(await subscriber.messages.allSatisfy { $0.count == 2 && $0[1].count == 200_002 })
        }
    }

    @Test("sends past a subscriber that lags, which misses that and gets later ones; another misses nothing")
    func dropping() async throws {
        try await withThread { thread in
            let (publisher, endpoint) = try await Self.makePublisher(on: thread, mark: 4)
            let slow = try await Self.makeSubscriber(on: thread, to: endpoint)
            let quick = try await Self.makeSubscriber(on: thread, to: endpoint)
            try await meet(publisher, slow)
            await quick.until { !$0.messages.isEmpty }
            await slow.pause()
            await quick.forgetMessages()
            var refused = 0
            while true {
                if try await publisher.send([1], Self.body(refused)) == .wouldBlock {
                    // Is it `slow`? `quick` has read all there was then.
                    let sent = refused
                    await quick.until { $0.messages.last.map { Self.number($0) == sent - 1 } ?? false }
                    if try await publisher.send([1], Self.body(refused)) == .wouldBlock { break }
                }
                refused += 1
            }
            let missed = refused
            try await publisher.withSocket { socket in
                let topic: [UInt8] = [1]
                let body = Self.body(missed)
                try socket.sendDropping(topic.span.bytes, body.span.bytes)
            }
            await quick.until { $0.messages.last.map { Self.number($0) == missed } ?? false }
            #expect(await quick.messages.suffix(missed + 1).map(Self.number) == Array(0...missed))

            // `slow` is set aside: it holds nobody up.
            #expect(try await publisher.send([1], Self.body(missed + 1)) == .sent)
            await quick.until { $0.messages.last.map { Self.number($0) == missed + 1 } ?? false }

            // Once it reads, it gets what is sent, and what it missed stays missed.
            await slow.read()
            await slow.until { $0.messages.count >= missed }
            var next = missed + 2
            while await slow.messages.allSatisfy({ Self.number($0) < missed + 2 }) {
                if try await publisher.send([1], Self.body(next)) == .sent { next += 1 }
                await thread.wait(.milliseconds(2))
            }
            #expect(await slow.messages.prefix(missed).map(Self.number) == Array(0..<missed))
            #expect(await !slow.messages.contains { (missed...missed + 1).contains(Self.number($0)) })
        }
    }

    @Test("is exact at the mark: both queues' marks in one process, then one message for half of it")
    func mark() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            try await publisher.open { socket in
                try socket.set(.sndhwm, to: 6)
                try socket.set(.xpubNodrop, to: 1)
                try socket.bind("inproc://mark")
            }
            let subscriber = Peer(.sub, on: thread)
            try await subscriber.open(isReading: false) { socket in
                try socket.set(.rcvhwm, to: 4)
                try socket.subscribe(to: "a")
                try socket.connect("inproc://mark")
            }
            await publisher.until { $0.messages == [[[1] + Array("a".utf8)]] }
            for _ in 0..<10 { #expect(try await publisher.send([97], [0]) == .sent) }
            #expect(try await publisher.send([97], [0]) == .wouldBlock)
            #expect(try await publisher.send([98], [0]) == .sent, "nobody wants that one")
            await subscriber.read()
            await subscriber.until { $0.messages.count == 10 }
            while try await publisher.send([97], [1]) == .wouldBlock { await thread.wait(.milliseconds(1)) }
            await subscriber.until { $0.messages.count == 11 }
            #expect(await subscriber.messages.map { $0[1][0] } == .init(repeating: 0, count: 10) + [1])
        }
    }

    @Test("takes what nobody subscribed to")
    func nobody() async throws {
        try await withThread { thread in
            let (publisher, _) = try await Self.makePublisher(on: thread, mark: 1)
            for _ in 0..<100 { #expect(try await publisher.send([1], [2]) == .sent) }
        }
    }

    @Test("refuses a message without frames, and a closed socket's")
    func refused() async throws {
        try await withThread { thread in
            let (publisher, _) = try await Self.makePublisher(on: thread, mark: 1)
            await #expect(throws: ZeroMQError(code: .invalidArgument, operation: "zmq_send")) {
                try await publisher.sendFrames([])
            }
            await publisher.close()
            await #expect(throws: ZeroMQError(code: .closed, operation: "zmq_send")) {
                try await publisher.send([1], [2])
            }
        }
    }
}
