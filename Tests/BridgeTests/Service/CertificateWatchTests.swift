import AMQP
import Fedmsg
import Foundation
import Logging
import Metrics
import Testing

@testable import Bridge

@Suite("CertificateWatch")
struct CertificateWatchTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../FedmsgTests/Fixtures/pki").standardized.path

    private struct FixedClock: Clocks {
        let now: Int64
        let uptime: UInt64 = 0
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
        let watch = CertificateWatch(
            verifier: try name.hasPrefix("c")
                ? SignatureVerifier(
                    .init(
                        authority: "\(folder)/ca.crt",
                        revocationList: name == "crl" ? "\(folder)/crl-expired.pem" : nil
                    )
                ) : nil,
            signer: try name == "own" ? MessageSigner(folder: folder, certname: "app01") : nil,
            amqp: amqp,
            board: board,
            factory: NOOPMetricsHandler.instance,
            clock: FixedClock(now: seconds * 1_000_000),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        await watch.reload()
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
            try await Self.warnings(name, at: end - notice + 1) == ["certificate_expires: \(name) expires in 13 days"]
        )
    }

    @Test("All that expire are in one warning, the first to expire first")
    func listsAll() async throws {
        let board = StatusBoard { 0 }
        let watch = CertificateWatch(
            verifier: try SignatureVerifier(
                .init(authority: "\(Self.folder)/ca.crt", revocationList: "\(Self.folder)/crl-expired.pem")
            ),
            signer: try MessageSigner(folder: Self.folder, certname: "app01"),
            amqp: AMQPConfiguration(endpoints: [AMQPEndpoint(host: "localhost")]),
            board: board,
            factory: NOOPMetricsHandler.instance,
            clock: FixedClock(now: (4_733_510_400 - 3 * 86_400) * 1_000_000),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        await watch.reload()
        #expect(
            board.snapshot().warnings.map(\.text) == ["crl has expired, ca expires in 3 days, own expires in 3 days"]
        )
    }
}
