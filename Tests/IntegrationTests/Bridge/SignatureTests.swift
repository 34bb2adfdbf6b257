import Foundation
import Testing

/// Signatures in the running daemon, with fedmsg itself as the judge of what it lets through.
@Suite("Signatures")
struct SignatureTests {
    /// The seed of `FEDMSG_BRIDGE_DIFFERENTIAL_SEED` makes the same messages again.
    private static let seed =
        ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_DIFFERENTIAL_SEED"].flatMap(UInt64.init)
        ?? UInt64.random(in: 0..<1 << 32)

    /// What `signed_cases.py` says of a message.
    private struct Case: Decodable {
        let id: String
        let frame: String
        let text: Data
        let stored: Bool
        let what: String
        let isValid: Bool

        private enum CodingKeys: String, CodingKey {
            case id, frame, text, stored, what, verdict
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(String.self, forKey: .id)
            frame = try container.decode(String.self, forKey: .frame)
            text = try container.decode(Data.self, forKey: .text)
            stored = try container.decode(Bool.self, forKey: .stored)
            what = try container.decode(String.self, forKey: .what)
            // Else it is the name of what fedmsg raised.
            isValid = (try? container.decode(Bool.self, forKey: .verdict)) ?? false
        }
    }

    @Test("Of 200 signed messages, good and spoilt, those pass that fedmsg believes", .timeLimit(.minutes(5)))
    func fedmsgToAMQP() async throws {
        try await FedmsgPeer.with { peer in
            let cases = try Self.cases(200, peer)
            let valid = cases.filter(\.isValid)
            print("signatures: fedmsg believes \(valid.count) of \(cases.count), seed \(Self.seed)")
            #expect(cases.count == 200)
            #expect((20...180).contains(valid.count))
            try await FedmsgToAMQP.with({ Self.validate(&$0, by: peer.path("crl.pem"), peer) }) { scene in
                for one in cases { try await scene.publisher.publish([Data(one.frame.utf8), one.text]) }
                let arrived = try await Self.arrived(scene, once: cases.count)
                for one in cases where arrived.contains(one.id) != one.isValid {
                    Issue.record("seed \(Self.seed), \(one.what): fedmsg says \(one.isValid), the bridge does not")
                }
                #expect(arrived == valid.map(\.id))
                #expect(try await Self.rejected(scene.bridge) == Double(cases.count - valid.count))
            }
        }
    }

    @Test("With an expired CRL messages wait, and once it is replaced they arrive in order", .timeLimit(.minutes(5)))
    func expiredRevocationList() async throws {
        try await FedmsgPeer.with { peer in
            let current = peer.pki.appending(path: "crl-current.pem")
            try Data(contentsOf: peer.pki.appending(path: "crl-expired.pem")).write(to: current)
            let cases = try Self.cases(60, peer)
            let valid = cases.filter(\.isValid)
            #expect(!valid.isEmpty && valid.count < cases.count)
            try await FedmsgToAMQP.with({ Self.validate(&$0, by: current.path, peer) }) { scene in
                for one in cases { try await scene.publisher.publish([Data(one.frame.utf8), one.text]) }
                try await scene.bridge.untilNotReady(because: "crl_expired")
                try await scene.bridge.until("fedmsg_bridge_spool_messages", is: Double(cases.count))
                #expect(try await scene.amqp.depth(FedmsgToAMQP.queue) == 0)
                #expect(try await Self.rejected(scene.bridge) == 0)

                try Data(contentsOf: peer.pki.appending(path: "crl.pem")).write(to: current, options: .atomic)
                #expect(try await Self.arrived(scene, once: cases.count) == valid.map(\.id))
                try await scene.bridge.untilReady()
            }
        }
    }

    /// Messages of every signer, spoilt in every way, with fedmsg's verdict by `crl.pem` and the policy.
    private static func cases(_ count: Int, _ peer: FedmsgPeer) throws -> [Case] {
        let lines = try peer.lines("signed_cases.py", peer.pki.path, "\(seed)", "\(2 * count)", "policy")
        let cases = try lines.dropFirst().map { try JSONDecoder().decode(Case.self, from: $0) }
        // Stored ones are no bus's, and an empty topic is refused whoever signed it.
        return Array(cases.filter { !$0.stored && !$0.frame.isEmpty }.prefix(count))
    }

    /// As the configuration `policy` of `signed_cases.py` has it.
    private static func validate(_ settings: inout BridgeSettings, by revocationList: String, _ peer: FedmsgPeer) {
        settings["crypto", "validate_signatures"] = "true"
        settings["crypto", "ca_cert_location"] = "\"\(peer.path("ca.crt"))\""
        settings["crypto", "crl_location"] = "\"\(revocationList)\""
        settings["crypto.routing_policy", "\"org.fedoraproject.test.only\""] =
            #"["app02.example.org", "café.example.org"]"#
    }

    /// The ids of what the bridge let through, in order, once it has decided on `count` messages.
    private static func arrived(_ scene: FedmsgToAMQP, once count: Int) async throws -> [String] {
        let passed = try await eventually("\(count) messages are decided on", within: .seconds(120)) { () -> Int? in
            let rejected = Int(try await rejected(scene.bridge))
            let depth = try await scene.amqp.depth(FedmsgToAMQP.queue)
            return depth + rejected == count ? depth : nil
        }
        try await scene.amqp.consume(FedmsgToAMQP.queue)
        var ids: [String] = []
        for _ in 0..<passed { ids.append(try await scene.amqp.next().property("message_id") ?? "") }
        return ids
    }

    /// How many messages were refused, for all reasons together.
    private static func rejected(_ bridge: BridgeProcess) async throws -> Double {
        let metrics = try await bridge.get("/metrics")?.body ?? Data()
        return String(decoding: metrics, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix(#"fedmsg_bridge_rejected_total{direction="to_amqp",reason="#) }
            .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            .reduce(0, +)
    }
}
