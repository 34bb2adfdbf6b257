import Testing
import ZeroMQ

@Suite("ZeroMQSocket, sending", .timeLimit(.minutes(5)))
struct SendingTests {
    /// A publisher that does not drop, on a queue of `mark` messages to each subscriber.
    private static func makePublisher(on thread: ZeroMQThread, mark: Int) async throws -> (Peer, endpoint: String) {
        let publisher = Peer(.xpub, on: thread)
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

            await subscriber.read()
            for index in refused..<refused + 20 {
                while try await publisher.send([1], Self.body(index)) == .wouldBlock {
                    try await thread.wait(.milliseconds(2))
                }
            }
            try await subscriber.until { $0.messages.count == refused + 20 }
            #expect(await subscriber.messages.map(Self.number) == Array(0..<refused + 20))
            #expect(await subscriber.messages.allSatisfy { $0.count == 2 && $0[1].count == 200_002 })
        }
    }

    /// A publisher that does not drop and subscribers to "a", in one process: no kernel's buffers, so that the mark of ten
    /// is exact. It is told of room each time five are read.
    private static func makeExact(
        on thread: ZeroMQThread,
        subscribers count: Int
    ) async throws -> (publisher: Peer, subscribers: [Peer]) {
        let publisher = Peer(.xpub, on: thread)
        try await publisher.open { socket in
            try socket.set(.sndhwm, to: 6)
            try socket.set(.xpubNodrop, to: 1)
            try socket.bind("inproc://exact")
        }
        var subscribers: [Peer] = []
        for index in 0..<count {
            let subscriber = Peer(.sub, on: thread)
            try await subscriber.open(isReading: false) { socket in
                try socket.set(.rcvhwm, to: 4)
                try socket.subscribe(to: "a")
                // Two subscriptions alike would be told once.
                try socket.subscribe(to: "probe \(index)")
                try socket.connect("inproc://exact")
            }
            subscribers.append(subscriber)
        }
        try await publisher.until { $0.messages.count == 1 + count }
        return (publisher, subscribers)
    }

    private static func numbers(_ peer: Peer) async -> [UInt8] {
        await peer.messages.map { $0[1][0] }
    }

    @Test("sends past a subscriber that lags, which misses that and gets later ones; another misses nothing")
    func dropping() async throws {
        try await withThread { thread in
            let (publisher, subscribers) = try await Self.makeExact(on: thread, subscribers: 2)
            let (slow, quick) = (subscribers[0], subscribers[1])
            await quick.read()
            for index in 0..<10 as Range<UInt8> { #expect(try await publisher.send([97], [index]) == .sent) }
            try await quick.until { $0.messages.count == 10 }
            #expect(try await publisher.send([97], [10]) == .wouldBlock)
            try await publisher.withSocket { socket in
                let (topic, body): ([UInt8], [UInt8]) = ([97], [10])
                try socket.sendDropping(topic.span.bytes, body.span.bytes)
            }
            // `slow` is set aside: it holds nobody up.
            for index in 11..<30 as Range<UInt8> {
                #expect(try await publisher.send([97], [index]) == .sent)
                try await quick.until { $0.messages.last?.last == [index] }
            }
            #expect(await Self.numbers(quick) == Array(0..<30))

            // Once it reads, it gets what is sent, and what it missed stays missed.
            await slow.read()
            try await slow.until { $0.messages.count == 10 }
            var next: UInt8 = 30
            while await slow.messages.count == 10 {
                if try await publisher.send([97], [next]) == .sent { next += 1 }
                try await thread.wait(.milliseconds(1))
            }
            let numbers = await Self.numbers(slow)
            #expect(numbers.prefix(10) == Array(0..<10)[...])
            #expect(numbers[10] >= 30)

            // And it holds up the others again when it lags again.
            await slow.pause()
            var outcomes: [ZeroMQSocket.SendOutcome] = []
            for _ in 0...10 {
                outcomes.append(try await publisher.send([97], [next]))
                let sent = outcomes.count { $0 == .sent } + Int(next)
                try await quick.until { $0.messages.count == sent }
            }
            #expect(outcomes.contains(.wouldBlock))
        }
    }

    @Test("is exact at the mark, for who wants the message")
    func mark() async throws {
        try await withThread { thread in
            let (publisher, subscribers) = try await Self.makeExact(on: thread, subscribers: 1)
            for index in 0..<10 as Range<UInt8> { #expect(try await publisher.send([97], [index]) == .sent) }
            #expect(try await publisher.send([97], [10]) == .wouldBlock)
            #expect(try await publisher.sendFrames([[97], [10], [10]]) == .wouldBlock)
            #expect(try await publisher.sendFrames([[97]]) == .wouldBlock)
            #expect(try await publisher.send([98], [0]) == .sent, "nobody wants that one")
            await subscribers[0].read()
            while try await publisher.send([97], [10]) == .wouldBlock { try await thread.wait(.milliseconds(1)) }
            try await subscribers[0].until { $0.messages.count == 11 }
            #expect(await Self.numbers(subscribers[0]) == Array(0...10))
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
