import Testing
import ZeroMQ

@Suite("ZeroMQSocket, monitor", .timeLimit(.minutes(5)))
struct MonitorTests {
    enum Step: Equatable, Sendable {
        case listening, accepted, connected, delayed, retried, handshake, handshakeFailed, protocolFailed, disconnected
        case other
    }

    private static func steps(_ events: [ZeroMQMonitorEvent]) -> [Step] {
        events.map { event in
            switch event.kind {
            case .listening: .listening
            case .accepted: .accepted
            case .connected: .connected
            case .connectDelayed: .delayed
            case .connectRetried: .retried
            case .handshakeSucceeded: .handshake
            case .handshakeFailed: .handshakeFailed
            case .handshakeFailedProtocol: .protocolFailed
            case .disconnected: .disconnected
            default: .other
            }
        }
    }

    @Test("tells a connection's life on both sides, in order")
    func life() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
            let subscriber = Peer(.sub, on: thread)
            let connected = try await subscriber.open { try $0.connect(endpoint) }
            #expect(connected == endpoint)
            try await publisher.until { $0.peers.count == 1 }
            try await subscriber.until { $0.peers.count == 1 }
            #expect(await publisher.peers.count(at: endpoint) == 1)
            #expect(await subscriber.peers.count(at: endpoint) == 1)
            await subscriber.close()
            try await publisher.until { $0.peers.count == 0 }
            #expect(Self.steps(await publisher.events) == [.listening, .accepted, .handshake, .disconnected])
            #expect(Self.steps(await subscriber.events) == [.delayed, .connected, .handshake])
            #expect(await publisher.events.allSatisfy { $0.endpoint == endpoint })
            #expect(await subscriber.events.allSatisfy { $0.endpoint == endpoint })
        }
    }

    @Test(
        "tells that it tries again, connects late, is left, and connects again, of one endpoint",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("[::1]", "[0:0:0:0:0:0:0:1]"),
        ]
    )
    func reconnects(address: String, name: String) async throws {
        try await withThread { thread in
            let subscriber = Peer(.sub, on: thread)
            // The port is another's first, so that it is free and known.
            let earlier = Peer(.xpub, on: thread)
            let bound = try await earlier.open { try $0.bind("tcp://\(address):*") }
            await earlier.close()
            let endpoint = bound.replacing(address, with: name)
            try await subscriber.open { socket in
                try socket.subscribe(to: "")
                try socket.connect(endpoint)
            }
            try await subscriber.until { Self.steps($0.events).contains(.retried) }
            #expect(await subscriber.peers.count == 0)
            for round in 0..<2 {
                await subscriber.forgetEvents()
                let publisher = Peer(.xpub, on: thread)
                while (try? await publisher.open { try $0.bind(bound) }) == nil {
                    try await thread.wait(.milliseconds(1))
                }
                try await subscriber.until { $0.peers.count(at: endpoint) == 1 }
                try await meet(publisher, subscriber)
                await publisher.close()
                try await subscriber.until { $0.peers.count == 0 }
                try await subscriber.until { Self.steps($0.events).suffix(1) == [.retried] }
                let steps = Self.steps(await subscriber.events)
                let begin = try #require(steps.firstIndex(of: .connected), "round \(round)")
                #expect(Array(steps[begin...].prefix(3)) == [.connected, .handshake, .disconnected])
                #expect(await subscriber.events.allSatisfy { $0.endpoint == endpoint }, "round \(round)")
                #expect(await subscriber.peers.abandonedEndpoints == [])
            }
        }
    }

    @Test("leaves out what may be about two endpoints, which begin anew with a reconnect")
    func sharedAddress() async throws {
        try await withThread { thread in
            let (first, subscriber) = (Peer(.xpub, on: thread), Peer(.sub, on: thread))
            let bound = try await first.open { try $0.bind("tcp://127.0.0.1:*") }
            let endpoints = ["127.1", "localhost"].map { bound.replacing("127.0.0.1", with: $0) }
            try await subscriber.open { socket in
                for endpoint in endpoints { try socket.connect(endpoint) }
            }
            try await subscriber.until { $0.peers.count == 2 }
            await first.close()
            try await subscriber.until { $0.peers.abandonedEndpoints == endpoints }
            let second = Peer(.xpub, on: thread)
            while (try? await second.open { try $0.bind(bound) }) == nil {
                try await thread.wait(.milliseconds(1))
            }
            try await second.until { $0.peers.count == 2 }
            try await subscriber.withSocket { try $0.reconnect(endpoints) }
            try await subscriber.until { peer in endpoints.allSatisfy { peer.peers.count(at: $0) == 1 } }
            #expect(await subscriber.peers.count == 2)
            await second.close()
            try await subscriber.until { $0.peers.count == 0 }
        }
    }

    @Test(
        "counts several peers, and none that does not speak ZMTP",
        arguments: [
            ([], Step.handshakeFailed), (Array("GET / HTTP/1.1\r\n\r\n".utf8), .handshakeFailed),
            // ZMTP 3.0, but a mechanism that is not ours.
            (
                [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("PLAIN".utf8) + .init(repeating: 0, count: 47),
                .protocolFailed
            ),
        ] as [([UInt8], Step)]
    )
    func counts(greeting: [UInt8], failure: Step) async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
            let subscribers = (0..<3).map { _ in Peer(.sub, on: thread) }
            for subscriber in subscribers { try await subscriber.open { try $0.connect(endpoint) } }
            try await publisher.until { $0.peers.count == 3 }

            try TCPClient(endpoint).write(greeting)
            try await publisher.until { Self.steps($0.events).suffix(1) == [.disconnected] }
            #expect(Self.steps(await publisher.events).suffix(2) == [failure, .disconnected])
            #expect(await publisher.peers.count == 3)

            await subscribers[0].close()
            try await publisher.until { $0.peers.count == 2 }
        }
    }

    @Test("does not tell that it tries again after a frame that is too large: libzmq gives that peer up")
    func tooLarge() async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(
                on: thread,
                subscriber: { try $0.set(.maxMsgSize, to: 1000) }
            )
            await subscriber.forgetEvents()
            _ = try await publisher.send([1], .init(repeating: 0, count: 1000))
            try await subscriber.until { !$0.messages.isEmpty }
            _ = try await publisher.send([1], .init(repeating: 0, count: 1001))
            try await subscriber.until { $0.peers.count == 0 }
            try await publisher.until { $0.peers.count == 0 }
            #expect(Self.steps(await subscriber.events) == [.disconnected])
            let endpoint = try #require(await subscriber.events.first?.endpoint)
            #expect(await subscriber.peers.abandonedEndpoints == [endpoint])
            try await subscriber.withSocket { try $0.reconnect([endpoint]) }
            try await subscriber.until { $0.peers.count == 1 }
            #expect(await subscriber.peers.abandonedEndpoints == [])
            await subscriber.forgetMessages()
            try await meet(publisher, subscriber)
        }
    }

    @Test("connects again at once when told to, without a second connection")
    func reconnect() async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            let endpoint = try #require(await subscriber.events.first?.endpoint)
            try await subscriber.withSocket { try $0.reconnect([endpoint]) }
            try await publisher.until {
                Self.steps($0.events).filter { $0 == .handshake }.count == 2 && $0.peers.count == 1
            }
            try await meet(publisher, subscriber)
        }
    }

    @Test("keeps its count where peers of the wrong type come and go")
    func wrongType() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
            let subscriber = Peer(.sub, on: thread)
            try await subscriber.open { try $0.connect(endpoint) }
            try await publisher.until { $0.peers.count == 1 }
            for round in 1...3 {
                let other = Peer(.xpub, on: thread)
                try await other.open { try $0.connect(endpoint) }
                try await publisher.until { Self.steps($0.events).filter { $0 == .disconnected }.count == round }
                await other.close()
            }
            #expect(await publisher.peers.count == 1)
            await subscriber.close()
            try await publisher.until { $0.peers.count == 0 }
        }
    }

    @Test("is one a socket")
    func once() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            try await publisher.open { _ in }
            await #expect(throws: ZeroMQError(code: .invalidArgument, operation: "zmq_socket_monitor")) {
                try await publisher.withSocket { try $0.monitor { _ in } }
            }
        }
    }
}
