import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AMQP

/// Everything that is thrown, told or logged, searched for the passwords that went in.
@Suite("Passwords", .timeLimit(.minutes(5)))
struct PasswordTests {
    private static let password = "hunter2"

    private static let endpoint = AMQPEndpoint(
        host: "127.0.0.1",
        credentials: .plain(username: "user", password: password),
        tls: AMQPTLSConfiguration(
            certificateFile: "/nowhere/certificate.pem",
            keyFile: "/nowhere/key.pem",
            keyPassword: AMQPSecret(password)
        )
    )

    @Test("are in no configuration's text")
    func configuration() {
        let configuration = AMQPConfiguration(endpoints: [Self.endpoint])
        for value in [configuration, Self.endpoint, Self.endpoint.credentials, Self.endpoint.tls as Any] as [Any] {
            var text = "\(value) \(String(reflecting: value))"
            dump(value, to: &text)
            #expect(!text.contains(Self.password))
        }
    }

    /// A peer that hangs up at once, and one that answers what no broker would.
    @Test(
        "are in nothing that a client tells or logs, at any level",
        arguments: [
            "", "HTTP/1.1 400 Bad Request\r\n\r\n", "AMQP\u{0}\u{0}\u{9}\u{1}",
        ]
    )
    func client(answer: String) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.writeAndFlush(ByteBuffer(string: answer), promise: nil)
                    channel.close(promise: nil)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        var plain = Self.endpoint
        plain.tls = nil
        plain.port = try #require(server.localAddress?.port)
        var secure = Self.endpoint
        secure.port = plain.port

        let texts = Texts()
        let client = try AMQPClient(
            configuration: AMQPConfiguration(endpoints: [plain, secure]),
            publishing: AMQPTopology(),
            consuming: nil,
            logger: Logger(label: "test") { _ in TextLogHandler(texts: texts) },
            onEvent: { texts.append("\($0) \(String(reflecting: $0))") }
        )
        let running = Task { await client.run() }
        var failures = 0
        for await event in client.events {
            if case .connectFailed = event { failures += 1 }
            if failures == 2 { break }
        }
        await client.close()
        await running.value
        try await server.close()
        #expect(texts.all.count >= 4)
        #expect(!texts.all.contains { $0.contains(Self.password) }, "\(texts.all)")
    }
}

private final class Texts: Sendable {
    private let state = Mutex<[String]>([])
    var all: [String] { state.withLock { $0 } }

    func append(_ text: String) {
        state.withLock { $0.append(text) }
    }
}

private struct TextLogHandler: LogHandler {
    let texts: Texts
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    init(texts: Texts) {
        self.texts = texts
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        texts.append("\(event.message) \(event.metadata ?? [:]) \(metadata)")
    }
}
