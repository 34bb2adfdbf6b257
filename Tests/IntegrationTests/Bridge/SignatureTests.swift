import Foundation
import Testing

/// Signatures in the running daemon, with fedmsg itself as the judge of what it lets through and of what it signs.
@Suite("Signatures")
struct SignatureTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// `FEDMSG_BRIDGE_SIGNED_MESSAGES` asks for more.
    private static let signedCount = environment["FEDMSG_BRIDGE_SIGNED_MESSAGES"].flatMap(Int.init) ?? 500
    /// The seed of `FEDMSG_BRIDGE_DIFFERENTIAL_SEED` makes the same messages again.
    private static let seed =
        environment["FEDMSG_BRIDGE_DIFFERENTIAL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1 << 32)

    /// What `signed_cases.py` says of a message.
    private struct Case: Decodable {
        let id: String
        let frame: String
        let text: Data
        let stored: Bool
        let what: String
        let isValid: Bool
        /// The bridge's word for the step at which fedmsg stops.
        let reason: String?

        private enum CodingKeys: String, CodingKey {
            case id, frame, text, stored, what, verdict, reason
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
            reason = try container.decodeIfPresent(String.self, forKey: .reason)
        }
    }

    @Test("Of 200 signed messages, good and spoilt, those pass that fedmsg believes", .timeLimit(.minutes(5)))
    func fedmsgToAMQP() async throws {
        try await FedmsgPeer.with { peer in
            let cases = try await Self.cases(200, peer)
            let valid = cases.filter(\.isValid)
            print("signatures: fedmsg believes \(valid.count) of \(cases.count), seed \(Self.seed)")
            #expect(cases.count == 200)
            #expect((20...180).contains(valid.count))
            try await FedmsgToAMQP.with({ Self.validate(&$0, peer) }) { scene in
                for one in cases { try await scene.publisher.publish([Data(one.frame.utf8), one.text]) }
                let arrived = try await Self.arrived(scene, once: cases.count)
                for one in cases where arrived.contains(one.id) != one.isValid {
                    Issue.record("seed \(Self.seed), \(one.what): fedmsg says \(one.isValid), the bridge does not")
                }
                #expect(arrived == valid.map(\.id))
                // Both are in the order in which they were published.
                let refused = cases.filter { !$0.isValid }
                let letters = try await scene.bridge.deadLetters()
                #expect(letters.count == refused.count)
                for (letter, one) in zip(letters, refused) {
                    #expect(letter.topic == one.frame, "seed \(Self.seed), \(one.what)")
                    #expect(letter.reason == one.reason, "seed \(Self.seed), \(one.what)")
                }
            }
        }
    }

    @Test("A fedmsg-hub that checks signatures is given all that the bridge signs, in order", .timeLimit(.minutes(10)))
    func amqpToFedmsg() async throws {
        print("signatures: \(Self.signedCount) signed messages, seed \(Self.seed)")
        try await FedmsgPeer.with { peer in
            let bodies = try await peer.lines("nasty_bodies.py", "\(Self.seed)", "\(Self.signedCount)")
            #expect(bodies.count == Self.signedCount)
            try await AMQPToFedmsg.with({ $0.sign(as: "app01", in: peer.pki) }) { scene in
                try await FedmsgHub.with(scene.endpoint, trusting: peer.pki) { hub in
                    try await scene.probe { try !hub.taken().isEmpty }
                    for (number, body) in bodies.enumerated() {
                        try await scene.amqp.publish(
                            exchange: "amq.topic",
                            topic: "org.fedoraproject.test.signed.\(number % 7)",
                            body: body,
                            properties: ["message_id": "2026-\(number)", "content_encoding": "utf-8"]
                        )
                    }
                    for number in bodies.indices {
                        let message = try await hub.next(past: AMQPToFedmsg.probeTopic)
                        #expect(message.id == "2026-\(number)", "seed \(Self.seed)")
                        #expect(message.topic == "org.fedoraproject.test.signed.\(number % 7)")
                    }
                    #expect(try hub.refused() == [])
                }
            }
        }
    }

    @Test("The same hub refuses what the bridge signs with a revoked certificate", .timeLimit(.minutes(5)))
    func revokedCertificate() async throws {
        try await FedmsgPeer.with { peer in
            try await AMQPToFedmsg.with({ $0.sign(as: "revoked", in: peer.pki) }) { scene in
                try await FedmsgHub.with(scene.endpoint, trusting: peer.pki) { hub in
                    try await scene.probe { try !hub.refused().isEmpty }
                    #expect(try hub.taken().isEmpty)
                }
            }
        }
    }

    @Test(
        "With an expired CA or CRL messages wait, and once it is replaced they arrive in order",
        .timeLimit(.minutes(5)),
        arguments: [("ca.crt", "ca-expired.crt", "ca_expired"), ("crl.pem", "crl-expired.pem", "crl_expired")]
    )
    func expiredFile(_ good: String, _ expired: String, _ code: String) async throws {
        try await FedmsgPeer.with { peer in
            let cases = try await Self.cases(60, peer)
            let valid = cases.filter(\.isValid)
            #expect(!valid.isEmpty && valid.count < cases.count)
            let (file, current) = (peer.pki.appending(path: good), try Data(contentsOf: peer.pki.appending(path: good)))
            try Data(contentsOf: peer.pki.appending(path: expired)).write(to: file)
            try await FedmsgToAMQP.with({ Self.validate(&$0, peer) }) { scene in
                for one in cases { try await scene.publisher.publish([Data(one.frame.utf8), one.text]) }
                try await scene.bridge.untilNotReady(because: code)
                try await scene.bridge.until("fedmsg_bridge_spool_messages", is: Double(cases.count))
                #expect(try await scene.amqp.depth(FedmsgToAMQP.queue) == 0)
                #expect(try await Self.rejected(scene.bridge) == 0)
                // The peer's other certificates end within days too.
                try await scene.bridge.expectAgreement(status: "critical", codes: [code, "certificate_expires"])

                try current.write(to: file, options: .atomic)
                #expect(try await Self.arrived(scene, once: cases.count) == valid.map(\.id))
                try await scene.bridge.untilReady()
            }
        }
    }

    @Test("What waits for a CA stays in the spool at a stop, whatever came behind it", .timeLimit(.minutes(2)))
    func stopWhileExpired() async throws {
        try await FedmsgPeer.with { peer in
            let valid = try #require(try await Self.cases(60, peer).first(where: \.isValid))
            let expired = try Data(contentsOf: peer.pki.appending(path: "ca-expired.crt"))
            try expired.write(to: peer.pki.appending(path: "ca.crt"))
            try await FedmsgToAMQP.with {
                Self.validate(&$0, peer)
                $0["spool", "drain_timeout"] = "1"
            } _: { scene in
                try await scene.publisher.publish([Data(valid.frame.utf8), valid.text])
                try await scene.bridge.untilNotReady(because: "ca_expired")
                let looped = #"{"msg": {}, "msg_id": "2019-1", "username": "amqp-bridge"}"#
                try await scene.publisher.publish(topic: "a.b", looped)
                try await scene.bridge.until("fedmsg_bridge_spool_messages", is: 2)
                #expect(try await scene.bridge.terminate() == .code(0))
                _ = try await scene.bridge.logged("left_in_spool=2")
                let drain = ["spool", "drain", "--config", scene.bridge.configuration.path]
                try await BridgeProcess.run(drain) { process in
                    let exit = try await process.awaitEnd()
                    #expect(exit == .code(1))
                    let words = process.errors.lines
                    #expect(words.contains { $0.contains("reason=ca_expired") }, "\(words)")
                }
            }
        }
    }

    @Test(
        "Where a system refuses RSA-SHA1 signatures, messages are checked all the same",
        .timeLimit(.minutes(5)),
        // libcrypto itself asks for those of certificates and lists, of which the first has none.
        arguments: [("crl.pem", "app01: ", []), ("crl-sha1.pem", "", ["SHA-1 refused: EVP_DigestVerifyInit"])]
            as [(String, String, Set<String>)]
    )
    func policyOnChecking(_ revocationList: String, _ signer: String, _ refused: Set<String>) async throws {
        try await FedmsgPeer.with { peer in
            let cases = try await Self.cases(200, peer).filter { $0.what.hasPrefix(signer) }
            #expect(cases.count { $0.isValid } > 10)
            let list = try Data(contentsOf: peer.pki.appending(path: revocationList))
            try list.write(to: peer.pki.appending(path: "crl.pem"))
            let policy = try await Self.sha1Policy(peer)
            try await FedmsgToAMQP.with({
                Self.validate(&$0, peer)
                $0.environment["LD_PRELOAD"] = policy
            }) { scene in
                for one in cases { try await scene.publisher.publish([Data(one.frame.utf8), one.text]) }
                #expect(try await Self.arrived(scene, once: cases.count) == cases.filter(\.isValid).map(\.id))
                #expect(Set(scene.bridge.process.errors.lines.filter { $0.contains("SHA-1 refused") }) == refused)
            }
        }
    }

    @Test("Where a system refuses RSA-SHA1 signatures, messages are signed all the same", .timeLimit(.minutes(5)))
    func policyOnSigning() async throws {
        try await FedmsgPeer.with { peer in
            let policy = try await Self.sha1Policy(peer)
            try await AMQPToFedmsg.with({
                $0.sign(as: "app01", in: peer.pki)
                $0.environment["LD_PRELOAD"] = policy
            }) { scene in
                try await FedmsgHub.with(scene.endpoint, trusting: peer.pki) { hub in
                    try await scene.probe { try !hub.taken().isEmpty }
                    #expect(try hub.refused() == [])
                    #expect(!scene.bridge.process.errors.lines.contains { $0.contains("SHA-1 refused") })
                }
            }
        }
    }

    /// A library to preload that refuses RSA-SHA1 signatures as the OpenSSL of RHEL 9 does.
    private static func sha1Policy(_ peer: FedmsgPeer) async throws -> String {
        try await PreloadedLibrary.compiled("sha1_policy.c", to: peer.path("sha1_policy.so"))
    }

    /// Messages of every signer, spoilt in every way, with fedmsg's verdict by `crl.pem` and the policy.
    private static func cases(_ count: Int, _ peer: FedmsgPeer) async throws -> [Case] {
        let lines = try await peer.lines("signed_cases.py", peer.pki.path, "\(seed)", "\(2 * count)", "policy")
        let cases = try lines.dropFirst().map { try JSONDecoder().decode(Case.self, from: $0) }
        // Stored ones are no bus's, and an empty topic is refused whoever signed it.
        return Array(cases.filter { !$0.stored && !$0.frame.isEmpty }.prefix(count))
    }

    /// As the configuration `policy` of `signed_cases.py` has it.
    private static func validate(_ settings: inout BridgeSettings, _ peer: FedmsgPeer) {
        settings.validate(trusting: peer)
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
