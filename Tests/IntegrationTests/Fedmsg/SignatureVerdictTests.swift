import Fedmsg
import Foundation
import Testing

@Suite("SignatureVerifier beside fedmsg", .timeLimit(.minutes(10)))
struct SignatureVerdictTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// `FEDMSG_BRIDGE_SIGNATURE_CASES` asks for more, `FEDMSG_BRIDGE_DIFFERENTIAL_SEED` for the same again.
    private static let caseCount = environment["FEDMSG_BRIDGE_SIGNATURE_CASES"].flatMap(Int.init) ?? 1_000
    private static let seed =
        environment["FEDMSG_BRIDGE_DIFFERENTIAL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1 << 32)

    /// What `signed_cases.py` says of its configurations.
    private struct Configuration: Decodable {
        let ca: String
        let crl: String?
        let policy: [String: [String]]?
        let nitpicky: Bool?
    }

    /// What `signed_cases.py` says of a message.
    private struct Case: Decodable {
        enum Verdict: Decodable {
            case answer(Bool)
            case raised(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let answer = try? container.decode(Bool.self) {
                    self = .answer(answer)
                } else {
                    self = .raised(try container.decode(String.self))
                }
            }
        }

        let configuration: String
        let frame: String
        let text: Data
        let stored: Bool
        let what: String
        let verdict: Verdict
        /// The bridge's word for the step at which fedmsg stops.
        let reason: String?

        var isValid: Bool {
            if case .answer(true) = verdict { true } else { false }
        }

        /// - Throws: `EnvelopeError`.
        func verdict(by verifier: SignatureVerifier, _ workspace: inout SignatureWorkspace) throws -> SignatureVerdict {
            let bytes = [UInt8](text)
            return verifier.verify(
                try Envelope(bytes),
                in: bytes.span.bytes,
                frame: frame.utf8Span.span.bytes,
                at: .receipt(Int64(Date.now.timeIntervalSince1970)),
                isStored: stored,
                using: &workspace
            )
        }
    }

    @Test("every message has fedmsg's verdict, for its reason, and what makes fedmsg raise is refused")
    func agrees() async throws {
        print("signatures: \(Self.caseCount) cases, seed \(Self.seed)")
        try await FedmsgPeer.with { peer in
            var lines = try await peer.lines("signed_cases.py", peer.pki.path, "\(Self.seed)", "\(Self.caseCount)")
            let configurations = try JSONDecoder().decode([String: Configuration].self, from: lines.removeFirst())
            let cases = try lines.map { try JSONDecoder().decode(Case.self, from: $0) }
            let verifiers = configurations.compactMapValues { configuration in
                // Where none of a configuration's messages could pass, we refuse it as a whole.
                try? SignatureVerifier(
                    SignatureVerifier.Configuration(
                        authority: peer.path(configuration.ca),
                        revocationList: configuration.crl.map(peer.path),
                        routingPolicy: configuration.policy ?? [:],
                        isNitpicky: configuration.nitpicky ?? false,
                        cacheCapacity: 8
                    )
                )
            }
            #expect(cases.count == Self.caseCount)
            let valid = await withTaskGroup(of: Int.self) { group in
                for part in 0..<4 {
                    group.addTask {
                        Self.compare(stride(from: part, to: cases.count, by: 4).map { cases[$0] }, verifiers)
                    }
                }
                return await group.reduce(0, +)
            }
            print("signatures: \(valid) of \(cases.count) are valid")
            #expect(valid * 20 > cases.count)
        }
    }

    /// - Returns: how many are valid to fedmsg.
    private static func compare(_ cases: [Case], _ verifiers: [String: SignatureVerifier]) -> Int {
        var workspace = SignatureWorkspace()
        for message in cases {
            // A configuration by which nobody could pass is refused as a whole, and a CA or CRL that is out of date judges
            // nobody: neither gives a reason.
            var reason: String?
            var isValid = false
            do {
                switch try verifiers[message.configuration].map({ try message.verdict(by: $0, &workspace) }) {
                case .valid: isValid = true
                case .refused(let refusal): reason = refusal.reason.rawValue
                case .unjudged, nil: reason = message.isValid ? nil : message.reason
                }
            } catch {
                reason = (error as? EnvelopeError)?.reason
            }
            if isValid == message.isValid, reason == message.reason { continue }
            Issue.record(
                """
                seed \(seed), \(message.configuration), \(message.what): fedmsg says \(message.verdict), \
                \(message.reason ?? "-"), we \(isValid), \(reason ?? "-") of \(message.frame.debugDescription) \
                \(String(decoding: message.text, as: UTF8.self))
                """
            )
        }
        return cases.count { $0.isValid }
    }
}
