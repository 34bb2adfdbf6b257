import AMQP
import Fedmsg
import Foundation
import Logging
import Metrics
import Synchronization
import Testing

@testable import Bridge

@Suite("CertificateWatch", .timeLimit(.minutes(2)))
struct CertificateWatchTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../FedmsgTests/Fixtures/pki").standardized.path

    private struct FixedClock: Clocks {
        let now: Int64
        let uptime: UInt64 = 0
    }

    private static func watch(
        _ readers: CertificateWatch.Readers,
        _ board: StatusBoard,
        at seconds: Int64,
        sleep: @escaping @Sendable (Duration) async -> Void = { _ in },
        reconnect: @escaping @Sendable (AMQPConfiguration) -> Void = { _ in }
    ) -> CertificateWatch {
        CertificateWatch(
            readers,
            board: board,
            factory: NOOPMetricsHandler.instance,
            clock: FixedClock(now: seconds * 1_000_000),
            sleep: sleep,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            reconnect: reconnect
        )
    }

    /// What the board warns of, once a watch with some of the files has looked at them.
    private static func warnings(_ name: String, at seconds: Int64) async throws -> [String] {
        let board = StatusBoard { Double(seconds) }
        var amqp = AMQPConfiguration(endpoints: [AMQPEndpoint(host: "localhost")])
        if name == "tls" {
            amqp.endpoints[0].tls = AMQPTLSConfiguration(
                certificateFile: "\(folder)/app01.crt",
                keyFile: "\(folder)/app01.key"
            )
        }
        let verifier = try SignatureVerifier(
            .init(authority: "\(folder)/ca.crt", revocationList: name == "crl" ? "\(folder)/crl-expired.pem" : nil)
        )
        let readers = CertificateWatch.Readers(
            verifier: name.hasPrefix("c") ? verifier : nil,
            signer: try name == "own" ? MessageSigner(folder: folder, certname: "app01") : nil,
            amqp: amqp
        )
        await watch(readers, board, at: seconds).look()
        return board.snapshot().warnings.map { "\($0.code): \($0.text)" }
    }

    @Test(
        "An expiry is a warning from 14 days ahead on",
        arguments: [
            ("ca", 4_733_510_400), ("crl", 1_767_916_800), ("own", 4_733_510_400), ("tls", 4_733_510_400),
        ] as [(String, Int64)]
    )
    func warns(_ name: String, _ end: Int64) async throws {
        let notice: Int64 = 14 * 86_400
        #expect(try await Self.warnings(name, at: end - notice) == [])
        #expect(
            try await Self.warnings(name, at: end - notice + 1) == [
                "certificate_expires: \(name) expires in 13 days: replace the file, it is read again by itself"
            ]
        )
    }

    @Test("All that expire are in one warning, the first to expire first")
    func listsAll() async throws {
        let board = StatusBoard { 0 }
        let readers = CertificateWatch.Readers(
            verifier: try SignatureVerifier(
                .init(authority: "\(Self.folder)/ca.crt", revocationList: "\(Self.folder)/crl-expired.pem")
            ),
            signer: try MessageSigner(folder: Self.folder, certname: "app01"),
            amqp: AMQPConfiguration(endpoints: [AMQPEndpoint(host: "localhost")])
        )
        await Self.watch(readers, board, at: 4_733_510_400 - 3 * 86_400).look()
        #expect(
            board.snapshot().warnings.map(\.text) == [
                "crl has expired, ca expires in 3 days, own expires in 3 days: replace the file, it is read again by itself"
            ]
        )
    }

    @Test("Every 60 s it looks whether the files for TLS changed, and reconnects once where they did and can be used")
    func reconnects() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func put(_ fixture: String, as name: String) throws {
            let content = try Data(contentsOf: URL(filePath: Self.folder).appending(path: fixture))
            try content.write(to: folder.appending(path: name), options: .atomic)
        }
        try put("app01.crt", as: "tls.crt")
        try put("app01.key", as: "tls.key")
        try put("ca.crt", as: "ca.crt")
        var amqp = AMQPConfiguration(endpoints: [AMQPEndpoint(host: "localhost")])
        amqp.endpoints[0].tls = AMQPTLSConfiguration(
            trustRoots: .file(folder.appending(path: "ca.crt").path),
            certificateFile: folder.appending(path: "tls.crt").path,
            keyFile: folder.appending(path: "tls.key").path
        )
        let (sleeps, asked) = AsyncStream.makeStream(of: Duration.self)
        let (turns, turn) = AsyncStream.makeStream(of: Void.self)
        let reconnections = Mutex(0)
        let watch = Self.watch(
            .init(amqp: amqp),
            StatusBoard { 0 },
            at: 0,
            sleep: { duration in
                asked.yield(duration)
                for await _ in turns { return }
            },
            reconnect: { _ in reconnections.withLock { $0 += 1 } }
        )
        let running = Task { await watch.run() }
        func expectSleep() async {
            for await duration in sleeps { return #expect(duration == .seconds(60)) }
        }
        /// Lets it look once.
        func look() async -> Int {
            turn.yield()
            await expectSleep()
            return reconnections.withLock { $0 }
        }
        await expectSleep()
        #expect(await look() == 0)
        // Half of a renewal: the key is yet to come.
        try put("app02.crt", as: "tls.crt")
        #expect(await look() == 0)
        try put("app02.key", as: "tls.key")
        #expect(await look() == 1)
        #expect(await look() == 1)
        try put("ca-chain.crt", as: "ca.crt")
        #expect(await look() == 2)

        await watch.change(to: .init(amqp: amqp), reconnects: false)
        #expect(reconnections.withLock { $0 } == 2)
        await watch.change(to: .init(amqp: amqp), reconnects: true)
        #expect(reconnections.withLock { $0 } == 3)
        #expect(await look() == 3)
        running.cancel()
        turn.finish()
        await running.value
    }
}
