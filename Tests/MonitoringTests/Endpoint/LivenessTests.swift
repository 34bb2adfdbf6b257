import Dispatch
import Foundation
import Logging
import NIOCore
import NIOPosix
import Settings
import Spool
import Synchronization
import Testing

@testable import Bridge
@testable import Monitoring

extension StatusPageSource {
    /// A page of nothing.
    static let empty = StatusPageSource(
        version: "",
        configuration: { BridgeConfiguration() },
        spool: { SpoolStatus() }
    )
}

/// A watch over two real loops, asked over HTTP.
@Suite("/live")
struct LivenessTests {
    @Test(
        "Two loops that wait for each other turn it 503, with their names, until they are free",
        .timeLimit(.minutes(5))
    )
    func deadlock() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let (one, other) = (group.next(), group.next())
        let watch = LoopWatch(limit: .milliseconds(1500))
        watch.watch("one", one)
        watch.watch("other", other)
        watch.watch("free") { _ in true }
        try await Self.serving(watch) { client in
            #expect(try await client.get("/live").status == 200)
            #expect(try await client.get("/live").body == #"{"status": "OK"}"#)

            let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            one.execute {
                first.wait()
                second.signal()
            }
            other.execute {
                second.wait()
                first.signal()
            }
            let answer = try await Self.eventually(client) { $0.status == 503 && $0.body.contains("one, other") }
            #expect(!answer.body.contains("free"))

            first.signal()
            _ = try await Self.eventually(client) { $0.status == 200 }
        }
        try await group.shutdownGracefully()
    }

    @Test("An answer that comes before the request is written to its end is an answer", .timeLimit(.minutes(5)))
    func quickAnswers() async throws {
        try await Self.serving(LoopWatch(limit: .seconds(60))) { client in
            for _ in 0..<2_000 {
                let answer = try await client.get("/live")
                #expect(answer.status == 200)
            }
        }
    }

    @Test("Requests that come in one go, hundreds a connection, let others have their turn", .timeLimit(.minutes(5)))
    func turns() async throws {
        let (connections, requests) = (16, 500)
        let scrapes = Mutex(0)
        let scrape = { @Sendable in
            // As long as a scrape of all metrics takes.
            let end = ContinuousClock.now + .milliseconds(1)
            while ContinuousClock.now < end {}
            scrapes.withLock { $0 += 1 }
        }
        try await Self.serving(LoopWatch(limit: .seconds(60)), refresh: scrape) { client in
            let request = ByteBuffer(string: "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let burst = ByteBuffer(bytes: (0..<requests).flatMap { _ in request.readableBytesView })
            let port = try #require(URL(string: client.base)?.port)
            var channels: [any Channel] = []
            for _ in 0..<connections {
                let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port)
                    .get()
                try await channel.writeAndFlush(burst)
                channels.append(channel)
            }
            #expect(try await client.get("/live").status == 200)
            #expect(scrapes.withLock(\.self) < connections * requests / 2)
            for channel in channels { try await channel.close() }
        }
    }

    private static func serving(
        _ watch: LoopWatch,
        refresh: @escaping @Sendable () -> Void = {},
        _ body: (HTTPGet) async throws -> Void
    ) async throws {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = MonitoringServer(
            address: "127.0.0.1",
            port: 0,
            source: .init(snapshot: { .init() }, stalledLoops: { watch.stalled }, refresh: refresh, page: .empty),
            registry: PrometheusRegistry(),
            logger: Logger(label: "test"),
            onListening: { listening.yield($0) }
        )
        let running = Task { try await server.run() }
        defer { running.cancel() }
        let port = try #require(await ports.first { _ in true })
        let url = try #require(URL(string: "http://127.0.0.1:\(port)"))
        try await body(try #require(HTTPGet(base: url)))
    }

    private static func eventually(
        _ client: HTTPGet,
        _ isReached: (HTTPGet.Answer) -> Bool
    ) async throws -> HTTPGet.Answer {
        while true {
            let answer = try await client.get("/live")
            if isReached(answer) { return answer }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
