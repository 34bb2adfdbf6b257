import Fedmsg
import Foundation
import Testing

@Suite("MessageSigner beside fedmsg", .timeLimit(.minutes(10)))
struct MessageSignerTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// `FEDMSG_BRIDGE_SIGNED_MESSAGES` asks for more, `FEDMSG_BRIDGE_DIFFERENTIAL_SEED` for the same again.
    private static let messageCount = environment["FEDMSG_BRIDGE_SIGNED_MESSAGES"].flatMap(Int.init) ?? 1_000
    private static let seed =
        environment["FEDMSG_BRIDGE_DIFFERENTIAL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1 << 32)

    @Test("fedmsg believes whatever we sign")
    func isBelieved() async throws {
        print("signed: \(Self.messageCount) messages, seed \(Self.seed)")
        try await FedmsgPeer.with { peer in
            let bodies = try await peer.lines("nasty_bodies.py", "\(Self.seed)", "\(Self.messageCount)")
                .map([UInt8].init)
            #expect(bodies.count == Self.messageCount)
            let signer = try MessageSigner(folder: peer.pki.path, certname: "app01")
            let envelopes = try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
                for start in stride(from: 0, to: bodies.count, by: 250) {
                    group.addTask { try Self.sign(bodies[start..<min(start + 250, bodies.count)], signer) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let file = peer.pki.appending(path: "envelopes")
            try Data(envelopes.joined(separator: [UInt8(ascii: "\n")])).write(to: file)
            let verdicts = try await peer.lines("signed_verdicts.py", peer.pki.path, "crl", file.path)
            #expect(verdicts.count == Self.messageCount)
            for (verdict, envelope) in zip(verdicts, envelopes) where verdict != Data("true".utf8) {
                Issue.record(
                    "seed \(Self.seed): \(String(decoding: verdict, as: UTF8.self)) of \(String(decoding: envelope, as: UTF8.self))"
                )
            }
        }
    }

    private static func sign(_ bodies: ArraySlice<[UInt8]>, _ signer: MessageSigner) throws -> [[UInt8]] {
        var workspace = SignatureWorkspace()
        return try bodies.enumerated().map { place, body in
            var envelope = OutgoingEnvelope(
                i: Int64(place),
                messageID: "2026-6dcbbb2f-2a28-4d4c-a6a1-3a9f9ebc2ac9",
                timestamp: .seconds(1_564_513_942),
                topic: "org.fedoraproject.prod.café",
                username: "amqp-bridge"
            )
            envelope.credentials = try signer.sign(envelope, body: body.span.bytes, using: &workspace)
            var bytes: [UInt8] = []
            envelope.write(body: body.span.bytes, to: &bytes)
            return bytes
        }
    }
}
