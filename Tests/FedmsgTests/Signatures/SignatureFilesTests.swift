import Foundation
import Testing

@testable import Fedmsg

@Suite("SignatureVerifier and its files")
struct SignatureFilesTests {
    private static func failure(_ authority: String, _ revocationList: String? = nil) -> String {
        do {
            _ = try SignatureVerifier(.init(authority: authority, revocationList: revocationList))
            return "none"
        } catch {
            return error.description
        }
    }

    @Test("files of no use are refused with path and cause")
    func refusesFiles() {
        let (path, ca) = (SignedBus.path, SignedBus.path("ca.crt"))
        #expect(Self.failure("/nonexistent/ca.crt") == "/nonexistent/ca.crt: No such file or directory")
        #expect(Self.failure(SignedBus.folder) == "\(SignedBus.folder): Is a directory")
        #expect(Self.failure(path("crl.pem")) == "\(path("crl.pem")): no PEM certificate")
        #expect(Self.failure(ca, ca) == "\(ca): no PEM certificate revocation list")
        #expect(Self.failure(path("ca-chain.crt")).hasPrefix("\(path("ca-chain.crt")): no certificate could pass: "))
        #expect(
            Self.failure(ca, path("crl-otherkey.pem"))
                == "\(path("crl-otherkey.pem")): no certificate of \(ca) could pass: CRL signature failure"
        )
    }

    @Test("a CA and a list that are signed with SHA-1 will do")
    func takesSHA1() throws {
        let verifier = try SignedBus.verifier(authority: "ca-sha1.crt", revocationList: "crl-sha1.pem")
        #expect(try verifier.verdict(of: SignedBus.message(by: "sha1")).word == "valid")
        #expect(try verifier.verdict(of: SignedBus.message(by: "revoked")).word == "revoked")
    }

    @Test("what is new in the files is in force after a reload, what is broken never")
    func reloads() throws {
        try withTemporaryFolder { folder in
            let crl = folder.appending(path: "crl.pem")
            try folder.put("crl-empty.pem", as: "crl.pem")
            let configuration = SignatureVerifier.Configuration(
                authority: SignedBus.path("ca.crt"),
                revocationList: crl.path
            )
            let verifier = try SignatureVerifier(configuration)
            let text = try SignedBus.message(by: "revoked")
            #expect(try verifier.verdict(of: text).word == "valid")
            #expect(try !verifier.reload())

            try folder.put("crl.pem", as: "crl.pem")
            #expect(try verifier.reload())
            #expect(try verifier.verdict(of: text).word == "revoked")

            try Data("broken".utf8).write(to: crl)
            #expect(throws: CredentialsError(path: crl.path, cause: .noRevocationList)) { try verifier.reload() }
            try FileManager.default.removeItem(at: crl)
            #expect(throws: CredentialsError(path: crl.path, cause: .unreadable("No such file or directory"))) {
                try verifier.reload()
            }
            #expect(try verifier.verdict(of: text).word == "revoked")
        }
    }

    @Test(
        "a message that fails for the sake of a file has it read again, but not each such message",
        arguments: [
            ("ca-expired.crt", "ca.crt", "app01", "ca_expired"),
            ("ca.crt", "ca-otherkey.crt", "otherkey", "bad_certificate"),
        ]
    )
    func readsAgain(_ before: String, _ after: String, _ certname: String, _ word: String) throws {
        try withTemporaryFolder { folder in
            try folder.put(before, as: "ca.crt")
            let configuration = SignatureVerifier.Configuration(authority: folder.appending(path: "ca.crt").path)
            let patient = try SignatureVerifier(configuration, patience: .seconds(3_600))
            let eager = try SignatureVerifier(configuration, patience: .zero)
            let text = try SignedBus.message(by: certname)
            #expect(try patient.verdict(of: text).word == word)
            #expect(try eager.verdict(of: text).word == word)
            try folder.put(after, as: "ca.crt")
            #expect(try patient.verdict(of: text).word == word)
            #expect(try eager.verdict(of: text).word == "valid")
        }
    }

    @Test("a message whose certificate is revoked has the list read again, as it may be no more")
    func readsListAgain() throws {
        try withTemporaryFolder { folder in
            try folder.put("crl.pem", as: "crl.pem")
            let verifier = try SignatureVerifier(
                .init(
                    authority: SignedBus.path("ca.crt"),
                    revocationList: folder.appending(path: "crl.pem").path
                ),
                patience: .zero
            )
            let text = try SignedBus.message(by: "revoked")
            #expect(try verifier.verdict(of: text).word == "revoked")
            try folder.put("crl-empty.pem", as: "crl.pem")
            #expect(try verifier.verdict(of: text).word == "valid")
        }
    }

    @Test("a CA or list that is not valid yet, even when it is read, is a fault")
    func faultsFuture() throws {
        let files = TrustFiles(
            authority: SignedBus.path("ca-future.crt"),
            revocationList: SignedBus.path("crl-future.pem")
        )
        let day: Int64 = 86_400
        let trust = try Trust(files, files.read(), cacheCapacity: 2)
        let fault = trust.fault(at: .receipt(SignedBus.now), readAt: SignedBus.now)
        #expect(fault?.description == "ca_expired: \(files.authority), not before 2026-01-11T00:00:00Z")
        #expect(trust.fault(at: .receipt(SignedBus.now), readAt: SignedBus.now + day) == nil)
        let listOnly = TrustFiles(authority: SignedBus.path("ca.crt"), revocationList: files.revocationList)
        let listTrust = try Trust(listOnly, listOnly.read(), cacheCapacity: 2)
        #expect(listTrust.fault(at: .receipt(SignedBus.now), readAt: 0)?.reason == .revocationListExpired)
        #expect(listTrust.fault(at: .message(SignedBus.now), readAt: 0) == nil)
    }
}
