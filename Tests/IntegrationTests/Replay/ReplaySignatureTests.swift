import Foundation
import Testing

/// Replays that check and make signatures, with messages that fedmsg signed.
@Suite("Replay and signatures")
struct ReplaySignatureTests {
    private struct Rejected: Decodable, Equatable {
        let reason: String
        let id: String

        private enum CodingKeys: String, CodingKey {
            case reason
            case id = "msg_id"
        }

        init(_ reason: String, _ id: String) {
            self.reason = reason
            self.id = id
        }
    }

    @Test("Certificates are judged as of today, of the message's time, or not at all", .timeLimit(.minutes(2)))
    func validates() async throws {
        try await FedmsgPeer.with { peer in
            let captures = peer.path("captures.jsonl")
            let lines = try await peer.lines("signed_captures.py", peer.pki.path)
            try Data(lines.joined(separator: Data("\n".utf8))).write(to: URL(filePath: captures))
            let configuration = peer.path("bridge.toml")
            try Data(
                """
                [crypto]
                ca_cert_location = "\(peer.path("ca.crt"))"
                crl_location = "\(peer.path("crl.pem"))"
                """.utf8
            ).write(to: URL(filePath: configuration))
            let always = [
                Rejected("bad_certificate", "expired-before"), Rejected("revoked", "revoked-before"),
                Rejected("bad_signature", "spoilt"),
            ]
            let today = [Rejected("bad_certificate", "expired-since"), Rejected("revoked", "revoked-since")]
            for (time, rejected) in [
                ("off", []), ("message-time", always), ("now", [today[0], always[0], today[1], always[1], always[2]]),
            ] {
                let run = try await ReplayRun.of(
                    ["--dry-run", "--config", configuration, "--validate", time, captures]
                )
                #expect(run.exit == .code(rejected.isEmpty ? 0 : 2))
                #expect(run.output.count == 7 - rejected.count)
                let reports = try run.errors.dropLast().map {
                    try JSONDecoder().decode(Rejected.self, from: Data($0.utf8))
                }
                #expect(reports == rejected, "\(time)")
            }
        }
    }

    @Test("Signed envelopes are the same bytes every time, and pass the check", .timeLimit(.minutes(2)))
    func signs() async throws {
        try await FedmsgPeer.with { peer in
            let configuration = peer.path("bridge.toml")
            try Data(
                """
                [crypto]
                sign_messages = true
                ssldir = "\(peer.pki.path)"
                certname = "app01"
                ca_cert_location = "\(peer.path("ca.crt"))"
                """.utf8
            ).write(to: URL(filePath: configuration))
            let messages = try await ReplayRun.of(["--dry-run", Project.fedmsgs.path]).output
            let serialized = peer.path("messages.jsonl")
            try Data(messages.joined(separator: "\n").utf8).write(to: URL(filePath: serialized))
            let arguments = ["--dry-run", "--direction", "to-fedmsg", "--config", configuration, serialized]
            let first = try await ReplayRun.of(arguments)
            #expect(first.exit == .code(0))
            #expect(first.output.count == 337)
            #expect(try await ReplayRun.of(arguments).output == first.output)
            let signed = peer.path("signed.jsonl")
            try Data(first.output.joined(separator: "\n").utf8).write(to: URL(filePath: signed))
            let checked = try await ReplayRun.of(["--dry-run", "--config", configuration, "--validate", "now", signed])
            #expect(checked.errors == ["337 read, 337 translated, 0 dropped, 0 rejected"])
        }
    }
}
