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
        clock: (any Clocks)? = nil,
        sleep: @escaping @Sendable (Duration) async -> Void = { _ in },
        reconnect: @escaping @Sendable (AMQPConfiguration) async -> Void = { _ in }
    ) -> CertificateWatch {
        CertificateWatch(
            readers,
            board: board,
            factory: NOOPMetricsHandler.instance,
            clock: clock ?? FixedClock(now: seconds * 1_000_000),
            sleep: sleep,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            reconnect: reconnect
        )
    }

    private final class SetClock: Clocks {
        let seconds = Mutex<Int64>(0)
        var now: Int64 { seconds.withLock { $0 } * 1_000_000 }
        let uptime: UInt64 = 0
    }

    /// What the board warns of, once a watch with some of the files has looked at them.
    private static func warnings(_ name: String, at seconds: Int64) async throws -> [String] {
        let board = StatusBoard { Double(seconds) }
        var amqp = AMQPConfiguration(endpoints: [AMQPEndpoint(host: "localhost")])
        if name == "TLS client certificate" {
            amqp.endpoints[0].tls = AMQPTLSConfiguration(
                certificateFile: "\(folder)/app01.crt",
                keyFile: "\(folder)/app01.key"
            )
        }
        if name == "TLS CA" { amqp.endpoints[0].tls = AMQPTLSConfiguration(trustRoots: .file("\(folder)/ca.crt")) }
        let verifier = try SignatureVerifier(
            .init(
                authority: "\(folder)/ca.crt",
                revocationList: name == "Revocation list" ? "\(folder)/crl-expired.pem" : nil
            )
        )
        let readers = CertificateWatch.Readers(
            verifier: ["fedmsg CA", "Revocation list"].contains(name) ? verifier : nil,
            signer: try name == "fedmsg certificate" ? MessageSigner(folder: folder, certname: "app01") : nil,
            amqp: amqp
        )
        await watch(readers, board, at: seconds).look()
        return board.snapshot().warnings.map { "\($0.code): \($0.text)" }
    }

    @Test(
        "An expiry is a warning from 14 days ahead on",
        arguments: [
            ("fedmsg CA", 4_733_510_400), ("Revocation list", 1_767_916_800), ("fedmsg certificate", 4_733_510_400),
            ("TLS client certificate", 4_733_510_400), ("TLS CA", 4_733_510_400),
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

    @Test("All that expire are in one warning; each begins by itself, and anew when it has expired")
    func listsAll() async throws {
        let clock = SetClock()
        let begun = Mutex<[String]>([])
        let board = StatusBoard { change in
            if change.lasted == nil { begun.withLock { $0.append(change.source) } }
        } now: {
            0
        }
        let readers = CertificateWatch.Readers(
            verifier: try SignatureVerifier(
                .init(authority: "\(Self.folder)/ca.crt", revocationList: "\(Self.folder)/crl-expired.pem")
            ),
            signer: try MessageSigner(folder: Self.folder, certname: "app01"),
            amqp: AMQPConfiguration(endpoints: [AMQPEndpoint(host: "localhost")])
        )
        let watch = Self.watch(readers, board, at: 0, clock: clock)
        func look(at seconds: Int64) async -> [String] {
            clock.seconds.withLock { $0 = seconds }
            await watch.look()
            return begun.withLock { begun in
                defer { begun = [] }
                return begun
            }
        }
        let (end, listEnd): (Int64, Int64) = (4_733_510_400, 1_767_916_800)
        #expect(await look(at: listEnd - 86_400) == ["Revocation list"])
        #expect(await look(at: listEnd - 86_399) == [])
        #expect(await look(at: listEnd) == ["Revocation list, expired"])
        #expect(await look(at: end - 3 * 86_400) == ["fedmsg CA", "fedmsg certificate"])
        let texts = board.snapshot().warnings.map(\.text)
        #expect(
            texts == [
                "Revocation list has expired: replace the file, it is read again by itself; "
                    + "fedmsg CA expires in 3 days: replace the file, it is read again by itself; "
                    + "fedmsg certificate expires in 3 days: replace the file, it is read again by itself"
            ]
        )
        #expect(await look(at: end - 30 * 86_400) == [])
        #expect(board.snapshot().warnings.count == 1)
    }

    @Test("New files that can't be used are a warning until they can, each kind its own")
    func unusable() async throws {
        let files = try TLSFiles()
        defer { files.remove() }
        let names = ["app01.crt": "own.crt", "app01.key": "own.key", "ca.crt": "fedmsg-ca.crt", "crl.pem": "crl.pem"]
        for (fixture, name) in names { try files.put(fixture, as: name) }
        let board = StatusBoard { 0 }
        let readers = CertificateWatch.Readers(
            verifier: try SignatureVerifier(
                .init(authority: files.path("fedmsg-ca.crt"), revocationList: files.path("crl.pem"))
            ),
            signer: try MessageSigner(folder: files.path(""), certname: "own"),
            amqp: files.amqp(host: "localhost")
        )
        let watch = Self.watch(readers, board, at: 0)
        func look() async -> String? {
            await watch.look()
            let warnings = board.snapshot().warnings
            #expect(warnings.map(\.code) == (warnings.isEmpty ? [] : ["config_not_reloaded"]))
            return warnings.first?.text
        }
        #expect(await look() == nil)
        for (broken, whole, words) in [
            ("crl.pem", "crl.pem", "the new CA or CRL can't be used, the old one stays: \(files.path("crl.pem")): "),
            ("own.crt", "app01.crt", "the new fedmsg certificate can't be used, the old one stays: "),
            ("tls.crt", "app01.crt", "the new files for TLS can't be used, the connections stay as they are: "),
        ] {
            try files.put("app01.key", as: broken)
            for _ in 0..<2 { #expect(await look()?.hasPrefix(words) == true, "\(words)") }
            try files.put(whole, as: broken)
            #expect(await look() == nil)
        }
        try files.put("app01.key", as: "crl.pem")
        try files.put("app01.key", as: "own.crt")
        #expect(await look()?.contains("; the new fedmsg certificate can't be used") == true)
    }

    @Test("Every 60 s it looks whether the files for TLS changed, and reconnects once where they did and can be used")
    func reconnects() async throws {
        let files = try TLSFiles()
        defer { files.remove() }
        let amqp = files.amqp(host: "localhost")
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
        try files.put("app02.crt", as: "tls.crt")
        #expect(await look() == 0)
        try files.put("app02.key", as: "tls.key")
        #expect(await look() == 1)
        #expect(await look() == 1)
        try files.put("ca-chain.crt", as: "ca.crt")
        #expect(await look() == 2)

        await watch.change(to: .init(amqp: amqp), reconnects: false) { await $0() }
        #expect(reconnections.withLock { $0 } == 2)
        await watch.change(to: .init(amqp: amqp), reconnects: true) { await $0() }
        #expect(reconnections.withLock { $0 } == 3)
        #expect(await look() == 3)
        running.cancel()
        turn.finish()
        await running.value
    }

    @Test("A change waits for a look that reconnects: the broker that it names has the last word")
    func changesAfterLook() async throws {
        let calls = try await Self.calls { watch, new, looking, gate in
            let look = Task { await watch.look() }
            for await _ in looking { break }
            let change = Task { await watch.change(to: new, reconnects: true) { await $0() } }
            await Self.letOthersRun()
            gate.finish()
            await look.value
            await change.value
        }
        #expect(calls == ["old begins", "old ends", "new begins", "new ends"])
    }

    @Test("A look waits for a change, and then finds nothing to do")
    func looksAfterChange() async throws {
        let calls = try await Self.calls { watch, new, _, gate in
            gate.finish()
            let (changing, hasBegun) = AsyncStream.makeStream(of: Void.self)
            let (waits, goOn) = AsyncStream.makeStream(of: Void.self)
            let change = Task {
                await watch.change(to: new, reconnects: true) { renew in
                    hasBegun.yield()
                    for await _ in waits {}
                    await renew()
                }
            }
            for await _ in changing { break }
            let look = Task { await watch.look() }
            await Self.letOthersRun()
            goOn.finish()
            await change.value
            await look.value
        }
        #expect(calls == ["new begins", "new ends"])
    }

    /// What a watch whose files have changed calls while `body` works: where it is to reconnect to the old broker, it tells
    /// so and waits for the gate.
    private static func calls(
        _ body: (
            CertificateWatch, _ new: CertificateWatch.Readers, _ looking: AsyncStream<Void>,
            _ gate: AsyncStream<Void>.Continuation
        ) async throws -> Void
    ) async throws -> [String] {
        let files = try TLSFiles()
        defer { files.remove() }
        let (looking, looks) = AsyncStream.makeStream(of: Void.self)
        let (waits, gate) = AsyncStream.makeStream(of: Void.self)
        let calls = Mutex<[String]>([])
        let watch = watch(
            .init(amqp: files.amqp(host: "old")),
            StatusBoard { 0 },
            at: 0,
            reconnect: { amqp in
                let host = amqp.endpoints[0].host
                calls.withLock { $0.append("\(host) begins") }
                if host == "old" {
                    looks.yield()
                    for await _ in waits {}
                }
                calls.withLock { $0.append("\(host) ends") }
            }
        )
        try files.put("ca-chain.crt", as: "ca.crt")
        try await body(watch, .init(amqp: files.amqp(host: "new")), looking, gate)
        return calls.withLock { $0 }
    }

    /// Whoever does not wait gets so far that he is seen.
    private static func letOthersRun() async {
        for _ in 0..<10_000 { await Task.yield() }
    }

    /// Files for TLS in a folder of their own.
    private struct TLSFiles {
        private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

        init() throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (fixture, name) in [("app01.crt", "tls.crt"), ("app01.key", "tls.key"), ("ca.crt", "ca.crt")] {
                try put(fixture, as: name)
            }
        }

        func put(_ fixture: String, as name: String) throws {
            let content = try Data(contentsOf: URL(filePath: CertificateWatchTests.folder).appending(path: fixture))
            try content.write(to: folder.appending(path: name), options: .atomic)
        }

        func path(_ name: String) -> String { folder.appending(path: name).path }

        func amqp(host: String) -> AMQPConfiguration {
            var amqp = AMQPConfiguration(endpoints: [AMQPEndpoint(host: host)])
            amqp.endpoints[0].tls = AMQPTLSConfiguration(
                trustRoots: .file(folder.appending(path: "ca.crt").path),
                certificateFile: folder.appending(path: "tls.crt").path,
                keyFile: folder.appending(path: "tls.key").path
            )
            return amqp
        }

        func remove() {
            try? FileManager.default.removeItem(at: folder)
        }
    }
}
