import Testing

@testable import ZeroMQ

@Suite("ZeroMQSocket, endpoints and options", .timeLimit(.minutes(5)))
struct EndpointTests {
    @Test("answers the endpoint as bound, with the port that the system chose", arguments: ["*", "0"])
    func kernelPort(port: String) async throws {
        try await withThread { thread in
            let endpoint = try await Peer(.xpub, on: thread).open { try $0.bind("tcp://127.0.0.1:\(port)") }
            let chosen = try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })
            #expect(endpoint == "tcp://127.0.0.1:\(chosen)" && chosen > 0)
        }
    }

    @Test("takes addresses of IPv6, beside others")
    func ipv6() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://[::1]:*") }
            let subscriber = Peer(.sub, on: thread)
            try await subscriber.open { socket in
                try socket.subscribe(to: "")
                try socket.connect(endpoint)
            }
            try await meet(publisher, subscriber)
            let second = try await publisher.withSocket { try $0.bind("tcp://127.0.0.1:*") }
            #expect(second.hasPrefix("tcp://127.0.0.1:"))
        }
    }

    @Test("refuses an address in use with an error that says so, and takes it once it is free")
    func conflict() async throws {
        try await withThread { thread in
            let first = Peer(.xpub, on: thread)
            let second = Peer(.xpub, on: thread)
            let endpoint = try await first.open { try $0.bind("tcp://127.0.0.1:*") }
            try await second.open { _ in }
            let error = await #expect(throws: ZeroMQError.self) {
                try await second.withSocket { try $0.bind(endpoint) }
            }
            #expect(error?.code == .addressInUse, "the monitor of the socket does not hide it")
            #expect(error?.endpoint == endpoint)
            #expect(error.map(String.init(describing:)) == "zmq_bind \(endpoint): Address already in use")

            await first.close()
            while (try? await second.withSocket { try $0.bind(endpoint) }) == nil {
                try await thread.wait(.milliseconds(1))
            }
        }
    }

    @Test(
        "refuses an endpoint that cannot be",
        arguments: [
            ("", ZeroMQError.Code.invalidArgument),
            ("tcp", .invalidArgument),
            ("tcp://", .invalidArgument),
            ("tcp://127.0.0.1", .invalidArgument),
            ("tcp://127.0.0.1:x", .invalidArgument),
            ("carrier://pigeon:1", .transportNotSupported),
        ]
    )
    func invalid(endpoint: String, code: ZeroMQError.Code) async throws {
        try await withThread { thread in
            let peer = Peer(.sub, on: thread)
            try await peer.open { _ in }
            let bind = await #expect(throws: ZeroMQError.self) {
                try await peer.withSocket { try $0.bind(endpoint) }
            }
            let connect = await #expect(throws: ZeroMQError.self) {
                try await peer.withSocket { try $0.connect(endpoint) }
            }
            #expect(bind?.code == code)
            #expect(connect?.code == code)
        }
    }

    @Test("ends what it began, once")
    func ends() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
            let subscriber = Peer(.sub, on: thread)
            try await subscriber.open { try $0.connect(endpoint) }
            try await subscriber.withSocket { try $0.disconnect(endpoint) }
            let twice = await #expect(throws: ZeroMQError.self) {
                try await subscriber.withSocket { try $0.disconnect(endpoint) }
            }
            #expect(twice?.code == .notFound)
            try await publisher.withSocket { try $0.unbind(endpoint) }
            let again = await #expect(throws: ZeroMQError.self) {
                try await publisher.withSocket { try $0.unbind(endpoint) }
            }
            #expect(again?.code == .notFound)
        }
    }

    @Test(
        "keeps an option's value",
        arguments: [
            (ZeroMQOption.rcvhwm, 7), (.sndhwm, 0), (.linger, 1000), (.linger, -1), (.reconnectIvl, 100),
            (.reconnectIvlMax, 1000), (.tcpKeepalive, 1), (.tcpKeepaliveCnt, 3), (.tcpKeepaliveIdle, 60),
            (.tcpKeepaliveIntvl, 5), (.maxMsgSize, 134_217_728), (.maxMsgSize, 1 << 40), (.maxMsgSize, -1), (.ipv6, 1),
            (.handshakeIvl, 30_000),
        ]
    )
    func options(option: ZeroMQOption, value: Int) async throws {
        try await withThread { thread in
            let read = try await Peer(.sub, on: thread).open { socket in
                try socket.set(option, to: value)
                return try socket.get(option)
            }
            #expect(read == value)
        }
    }

    @Test("does not linger unless told to")
    func defaultLinger() async throws {
        try await withThread { thread in
            let peer = Peer(.sub, on: thread)
            try await peer.open { _ in }
            #expect(try await peer.withSocket { try ZeroMQSocket(.xpub, on: $0.thread).get(.linger) } == 0)
        }
    }

    @Test(
        "refuses a value that an option does not take",
        arguments: [
            (ZeroMQOption.rcvhwm, -1), (.rcvhwm, 1 << 40), (.linger, -2), (.ipv6, 2), (.xpubNodrop, 1),
        ]
    )
    func badOption(option: ZeroMQOption, value: Int) async throws {
        try await withThread { thread in
            _ = await #expect(throws: ZeroMQError(code: .invalidArgument, operation: option.name)) {
                try await Peer(.sub, on: thread).open { try $0.set(option, to: value) }
            }
        }
    }

    @Test("gets what begins with a prefix it subscribed to")
    func prefixes() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
            let subscriber = Peer(.sub, on: thread)
            try await subscriber.open { socket in
                try socket.subscribe(to: "org.a")
                try socket.subscribe(to: "org.é")
                try socket.connect(endpoint)
            }
            try await publisher.until { $0.messages.count == 2 }
            for topic in ["org.b", "org.a", "org.abc", "org", "org.é.x"] {
                _ = try await publisher.send(Array(topic.utf8))
            }
            try await subscriber.until { $0.messages.count == 3 }
            #expect(
                await subscriber.messages.map { String(decoding: $0[0], as: UTF8.self) } == [
                    "org.a", "org.abc", "org.é.x",
                ]
            )

            try await subscriber.withSocket { try $0.unsubscribe(from: "org.a") }
            try await publisher.until { $0.messages.last == [[0] + Array("org.a".utf8)] }
            _ = try await publisher.send(Array("org.a".utf8))
            _ = try await publisher.send(Array("org.é".utf8))
            try await subscriber.until { $0.messages.count == 4 }
            #expect(await subscriber.messages.last?.first == Array("org.é".utf8))
        }
    }
}
