import Foundation
import Testing

/// The endpoint against clients that mean no good, or know no better.
@Suite("Monitoring endpoint")
struct MonitoringEndpointTests {
    @Test(
        "It takes GET and HEAD, of this machine's name only, and says what a browser may do with it",
        .timeLimit(.minutes(5)),
        arguments: [
            ("GET /live HTTP/1.1\r\nHost: localhost\r\n", "200", true),
            ("HEAD /live HTTP/1.1\r\nHost: localhost\r\n", "200", false),
            ("GET /live HTTP/1.0\r\n", "200", true), ("GET /nothing HTTP/1.1\r\nHost: localhost\r\n", "404", true),
            ("GET /live HTTP/1.1\r\nHost: evil.example\r\n", "421", true),
            ("POST /live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n", "405", true),
            ("DELETE / HTTP/1.1\r\nHost: localhost\r\n", "405", true),
        ]
    )
    func requests(head: String, status: String, hasBody: Bool) async throws {
        try await Self.withBridge { _, port in
            let answer = try await blocking {
                let connection = try RawConnection(port: port)
                connection.send((head + "Connection: close\r\n\r\n").utf8)
                return try connection.readToEnd()
            }
            let parts = answer.components(separatedBy: "\r\n\r\n")
            #expect(answer.dropFirst(9).prefix(3) == status)
            #expect(parts.last?.isEmpty == !hasBody)
            let headers = parts[0].lowercased()
            #expect(headers.contains("content-security-policy: default-src 'none'"))
            #expect(headers.contains("x-content-type-options: nosniff"))
            #expect(headers.contains("cache-control: no-store"))
        }
    }

    @Test("Garbage is turned away, and touches no message on its way", .timeLimit(.minutes(2)))
    func garbage() async throws {
        let requests: [[UInt8]] = [
            Array("\r\n\r\n\r\n".utf8),
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03] + Array(repeating: 7, count: 512),
            Array("GET\r\n\r\n".utf8), Array("GET / HTTP/9.9\r\n\r\n".utf8),
            Array("GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
            Array("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".utf8),
            Array("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzzz".utf8),
            Array("GET /".utf8) + Array(repeating: UInt8(ascii: "a"), count: 100_000) + Array(" HTTP/1.1\r\n\r\n".utf8),
            Array("GET / HTTP/1.1\r\nX: ".utf8) + Array(repeating: UInt8(ascii: "a"), count: 100_000)
                + Array("\r\n\r\n".utf8),
            Array("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), Array(repeating: 0, count: 4096),
            Array("GET /%ff%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8),
            Array(repeating: 0xff, count: 4096),
        ]
        try await FedmsgToAMQP.with { scene in
            let port = try #require(Int(scene.bridge.monitoringPort))
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            let count = try await scene.publisher.publishNumbered(perSecond: 1_000) {
                for _ in 0..<10 {
                    for request in requests {
                        for length in [request.count, request.count / 2] {
                            try RawConnection(port: port).send(request[..<length])
                        }
                    }
                    #expect(try await scene.bridge.get("/live")?.status == 200)
                }
            }
            #expect(try await scene.amqp.numbers(untilAll: count).runs == [[0, count]])
            #expect(scene.bridge.process.exit == nil)
        }
    }

    @Test(
        "A thousand idle connections and readers that never read hold up neither the bridge nor other clients",
        .timeLimit(.minutes(2))
    )
    func crowd() async throws {
        try await FedmsgToAMQP.with { scene in
            let port = try #require(Int(scene.bridge.monitoringPort))
            let (idle, slow) = try await blocking {
                let connections = try (0..<1020).map { _ in try RawConnection(port: port) }
                return (connections[..<1000], connections[1000...])
            }
            let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
            for connection in slow { connection.sendAtOnce(String(repeating: request, count: 500).utf8) }

            let count = 20_000
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: count)
            try await scene.publisher.publishNumbered(count)
            #expect(try await scene.amqp.sequence(within: .seconds(60)).runs == [[0, count]])
            #expect(try await scene.bridge.get("/ready")?.status == 200)
            #expect(try scene.bridge.process.peakMemory() < 400)
            withExtendedLifetime((idle, slow)) {}
        }
    }

    @Test("Requests leave nothing behind in memory", .timeLimit(.minutes(60)))
    func manyRequests() async throws {
        let count = TestRun.size(20_000, full: 1_000_000)
        // Pages and metrics are the dearer, and the rarer.
        let paths =
            Array(repeating: ["/live", "/ready"], count: 98).flatMap(\.self)
            + ["/", "/metrics", "/nothing", "/style.css"]
        try await Self.withBridge { bridge, port in
            @Sendable func ask(_ count: Int) throws {
                for _ in 0..<count / paths.count {
                    let connection = try RawConnection(port: port)
                    let heads = paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n" }
                    connection.send((heads.joined(separator: "\r\n") + "Connection: close\r\n\r\n").utf8)
                    let parts = try connection.readToEnd().components(separatedBy: "HTTP/1.1 ").dropFirst()
                    let answers = parts.map { $0.prefix(3) }
                    try #require(answers.count == paths.count && answers.count { $0 == "404" } == 1, "\(answers)")
                }
            }
            // Caches fill, and allocators take what they keep.
            try await blocking { try ask(count / 5) }
            let before = try bridge.process.residentMemory()
            try await blocking { try ask(count) }
            let after = try bridge.process.residentMemory()
            print("\(count) requests: \(before) KiB before, \(after) after")
            #expect(after - before < 8 * 1024)
        }
    }

    private static func withBridge(_ body: (BridgeProcess, Int) async throws -> Void) async throws {
        let settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:1")
        try await BridgeProcess.with(settings) { try await body($0, try #require(Int($0.monitoringPort))) }
    }
}
