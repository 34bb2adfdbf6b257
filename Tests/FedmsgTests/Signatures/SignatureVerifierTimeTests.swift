import Fedmsg
import Foundation
import Testing

@Suite("SignatureVerifier over time")
struct SignatureVerifierTimeTests {
    private static let now = SignedBus.now
    private static let day: Int64 = 86_400
    /// When the fixtures end.
    private static let end: Int64 = 4_733_510_400

    @Test(
        "a certificate is judged as of the message, whether it was seen before or not",
        arguments: [
            ("expired", -1, "valid"), ("expired", 0, "bad_certificate"), ("future", 0, "bad_certificate"),
            ("future", 1, "valid"),
        ] as [(String, Int64, String)]
    )
    func judgesEachMessage(_ certname: String, _ days: Int64, _ word: String) throws {
        let verifier = try SignedBus.verifier()
        let text = try SignedBus.message(by: certname)
        // The day before, one was valid to its last second and the other from its first.
        for _ in 0..<2 {
            #expect(
                try verifier.verdict(of: text, at: .receipt(Self.now - Self.day * 3 / 2)).word
                    == (certname == "expired" ? "valid" : "bad_certificate")
            )
            #expect(
                try verifier.verdict(of: text, at: .receipt(Self.now + days * Self.day - (days == -1 ? 1 : 0))).word
                    == word
            )
        }
    }

    @Test("the second in which a certificate expires is no more its own")
    func endsBeforeItsEnd() throws {
        let verifier = try SignedBus.verifier()
        let text = try SignedBus.message(by: "expired")
        let end = Self.now - Self.day
        #expect(try verifier.verdict(of: text, at: .receipt(end - 1)).word == "valid")
        #expect(try verifier.verdict(of: text, at: .receipt(end)).word == "bad_certificate")
    }

    @Test(
        "an expired CA or revocation list is nobody's fault but ours",
        arguments: [
            ("ca-expired.crt", nil, 0, "ca_expired", "ca-expired.crt, on 2026-01-09T00:00:00Z"),
            ("ca-expired.crt", nil, -2, "valid", ""),
            ("ca.crt", "crl-expired.pem", 0, "crl_expired", "crl-expired.pem, on 2026-01-09T00:00:00Z"),
            ("ca.crt", "crl-expired.pem", -2, "valid", ""),
        ] as [(String, String?, Int64, String, String)]
    )
    func faultsItself(_ ca: String, _ crl: String?, _ days: Int64, _ word: String, _ detail: String) throws {
        let verifier = try SignedBus.verifier(authority: ca, revocationList: crl)
        for text in [try SignedBus.message(), #"{"msg":{}}"#] {
            let verdict = try verifier.verdict(of: text, at: .receipt(Self.now + days * Self.day))
            #expect(verdict.word == (word == "valid" && text.count < 20 ? "unsigned" : word))
            #expect(verdict.says(detail), "\(verdict.detail)")
        }
    }

    @Test(
        "files that were replaced count for the messages that waited for them",
        arguments: [
            ("ca-future.crt", "crl.pem"), ("ca.crt", "crl-future.pem"),
        ]
    )
    func takesNewerFiles(_ ca: String, _ crl: String) throws {
        // Both begin a day after the message came, and were read later than that.
        let verifier = try SignedBus.verifier(authority: ca, revocationList: crl)
        #expect(try verifier.verdict(of: SignedBus.message()).word == "valid")
    }

    @Test(
        "what came before the CA began, as by a clock that was behind, counts where it does as of the files",
        arguments: [
            ("ca.crt", "future", "valid"), ("ca.crt", "expired", "bad_certificate"),
            ("ca-expired.crt", "app01", "ca_expired"),
        ]
    )
    func correctsReceipt(_ ca: String, _ certname: String, _ word: String) throws {
        let text = try SignedBus.message(by: certname)
        #expect(try SignedBus.verifier(authority: ca).verdict(of: text, at: .receipt(0)).word == word)
    }

    @Test("a signer who was valid at receipt stays so under a CA that was renewed since")
    func keepsReceipt() throws {
        let verifier = try SignedBus.verifier(authority: "ca-future.crt")
        let text = try SignedBus.message(by: "expired")
        #expect(try verifier.verdict(of: text, at: .receipt(Self.now - Self.day * 3 / 2)).word == "valid")
    }

    @Test(
        "as of the message's own time a revocation counts from its date on",
        arguments: [
            (-5, "valid"), (-4, "revoked"), (0, "revoked"),
        ] as [(Int64, String)]
    )
    func datesRevocations(_ days: Int64, _ word: String) throws {
        let verifier = try SignedBus.verifier()
        let time = Self.now + days * Self.day
        #expect(try verifier.verdict(of: SignedBus.message(by: "revoked"), at: .message(time)).word == word)
        #expect(try verifier.verdict(of: SignedBus.message(by: "revoked"), at: .receipt(time)).word == "revoked")
    }

    @Test(
        "as of the message's own time the revocation list's dates don't matter",
        arguments: [
            "crl-expired.pem", "crl-future.pem",
        ]
    )
    func takesAnyList(_ crl: String) throws {
        let verifier = try SignedBus.verifier(revocationList: crl)
        #expect(try verifier.verdict(of: SignedBus.message(), at: .message(Self.now)).word == "valid")
        #expect(try verifier.verdict(of: SignedBus.message(by: "revoked"), at: .message(Self.now)).word == "revoked")
    }

    @Test("the ends of the files in force are known")
    func tellsExpiry() throws {
        #expect(try SignedBus.verifier().expiry.authority == Self.end)
        #expect(try SignedBus.verifier().expiry.revocationList == Self.end)
        #expect(try SignedBus.verifier(revocationList: nil).expiry.revocationList == nil)
        #expect(try SignedBus.verifier(authority: "ca-expired.crt").expiry.authority == Self.now - Self.day)
    }
}
