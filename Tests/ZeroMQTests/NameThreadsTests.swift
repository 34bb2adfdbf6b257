import Testing

@testable import ZeroMQ

@Suite("NameThreads", .timeLimit(.minutes(5)))
struct NameThreadsTests {
    @Test("each endpoint with a host name has a thread of its own, and keeps it; all others share the first")
    func spread() {
        let named = ["tcp://a:1", "tcp://a:2", "tcp://b:1", "tcp://10.0.0.1:7;c.example.org:1"]
        let others = ["tcp://127.0.0.1:1", "tcp://[fe80::a]:1", "tcp://10.0.0.1:7;10.0.0.2:1", "ipc:///a:1"]
        var threads = NameThreads(others + named + named)
        #expect(threads.count == 5)
        for _ in 0..<2 {
            #expect(named.map { threads.affinity(of: $0) } == [2, 4, 8, 16])
            #expect(others.allSatisfy { threads.affinity(of: $0) == 1 })
        }
        #expect(threads.affinity(of: "tcp://later:1") == 2, "it shares those that there are")
    }

    @Test("where they are too many, each host has one, whatever its case")
    func byHost() {
        let endpoints = (0..<40).flatMap { ["tcp://host\($0):1", "tcp://HOST\($0):2"] }
        var threads = NameThreads(endpoints)
        #expect(threads.count == 41)
        #expect(Set(endpoints.map { threads.affinity(of: $0) }).count == 40)
        #expect(threads.affinity(of: "tcp://host7:1") == threads.affinity(of: "tcp://host7:2"))

        let hosts = (0..<200).map { "tcp://host\($0):1" }
        var many = NameThreads(hosts)
        let affinities = Set(hosts.map { many.affinity(of: $0) })
        #expect((many.count, affinities.count) == (63, 62))
        #expect(affinities.allSatisfy { $0 > 1 })
    }

    @Test("without a name there is one thread for the first that comes later")
    func later() {
        var threads = NameThreads(["tcp://127.0.0.1:1"])
        #expect(threads.count == 2)
        #expect(["tcp://a:1", "tcp://b:1", "tcp://10.0.0.1:1"].map { threads.affinity(of: $0) } == [2, 2, 1])
    }

    @Test("a socket sets its affinity for what it binds or connects to")
    func sockets() async throws {
        let context = try ZeroMQContext(connectingTo: ["tcp://localhost:1", "tcp://localhost:2"])
        try await withThread { thread in
            let peer = Peer(.sub, on: thread)
            let affinities = try await peer.open(in: context) { socket in
                try ["tcp://127.0.0.1:1", "tcp://localhost:1", "tcp://localhost:2", "tcp://localhost:1"].map {
                    try socket.connect($0)
                    return try socket.get(.affinity)
                }
            }
            #expect(affinities == [1, 2, 4, 2])
            let bound = try await peer.withSocket { socket in
                try socket.bind("tcp://127.0.0.1:*")
                return try socket.get(.affinity)
            }
            #expect(bound == 1)
        }
    }

    @Test("a socket in a context of its own meets those of another")
    func ownContext() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
            let subscriber = Peer(.sub, on: thread)
            try await subscriber.open(in: ZeroMQContext()) { socket in
                try socket.subscribe(to: "")
                try socket.connect(endpoint)
            }
            try await meet(publisher, subscriber)
            let peers = await subscriber.peers.count(at: endpoint)
            #expect(peers == 1, "its monitor tells of them")
        }
    }
}
