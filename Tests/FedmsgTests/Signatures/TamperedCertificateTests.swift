import Foundation
import Testing

@testable import Fedmsg

@Suite("Certificates and lists that were tampered with")
struct TamperedCertificateTests {
    @Test("a certificate that differs anywhere from one that was believed is not taken for it")
    func comparesTexts() throws {
        let verifier = try SignedBus.verifier()
        let text = try SignedBus.message()
        #expect(try verifier.verdict(of: text).word == "valid")
        let certificate = try #require(text.firstMatch(of: /"certificate":"([^"]*)"/)).1
        // As far as the hash of the cache has a period. Line breaks are escaped, and stay.
        for place in 160..<224 {
            var other = Array(certificate.utf8)
            if other[place] == UInt8(ascii: "\\") || other[place - 1] == UInt8(ascii: "\\") { continue }
            other[place] = other[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let changed = text.replacing(certificate, with: String(decoding: other, as: UTF8.self))
            #expect(try verifier.verdict(of: changed).word == "bad_certificate", "at \(place)")
        }
    }

    @Test(
        "a certificate whose signature is broken is not believed, with SHA-1 or without",
        arguments: ["app01", "sha1"]
    )
    func refusesCertificate(_ certname: String) throws {
        let text = try SignedBus.message(by: certname)
        let certificate = try #require(text.firstMatch(of: /"certificate":"([^"]*)"/)).1
        let broken = Data(try Self.broken("\(certname).crt", "CERTIFICATE")).base64EncodedString()
        let verdict = try SignedBus.verifier().verdict(of: text.replacing(certificate, with: broken))
        #expect(verdict.word == "bad_certificate")
        #expect(verdict.says("certificate signature failure"), "\(verdict.detail)")
    }

    @Test(
        "a list whose signature is broken is of no use, with SHA-1 or without",
        arguments: [("ca.crt", "crl.pem"), ("ca-sha1.crt", "crl-sha1.pem")]
    )
    func refusesList(_ authority: String, _ list: String) throws {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "crl.pem")
            try Data(Self.broken(list, "X509 CRL")).write(to: path)
            let cause = CredentialsError.Cause.unusableRevocationList(
                "CRL signature failure",
                authority: SignedBus.path(authority)
            )
            #expect(throws: CredentialsError(path: path.path, cause: cause)) {
                try SignatureVerifier(.init(authority: SignedBus.path(authority), revocationList: path.path))
            }
        }
    }

    /// A fixture's first block of a name with the last bit of its signature, which ends it, turned over.
    private static func broken(_ fixture: String, _ name: String) throws -> [UInt8] {
        var der = try #require(PEM.firstBlock(name, in: CredentialsFile.read(SignedBus.path(fixture))))
        der[der.count - 1] ^= 1
        let base64 = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return Array("-----BEGIN \(name)-----\n\(base64)\n-----END \(name)-----\n".utf8)
    }
}
