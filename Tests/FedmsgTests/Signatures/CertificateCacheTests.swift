import Foundation
import Testing

@testable import Fedmsg

@Suite("CertificateCache")
struct CertificateCacheTests {
    private static func certificate() throws -> VerifiedCertificate {
        let pem = try CredentialsFile.read(SignedBus.path("app01.crt"))
        let key = try #require(Certificate(pem: pem)?.key)
        return VerifiedCertificate(text: pem, commonName: "app01", validity: 0..<1, revocation: nil, key: key)
    }

    @Test("it never holds more than it may", arguments: [1, 2, 3, 8])
    func isBounded(_ capacity: Int) throws {
        var cache = CertificateCache(capacity: capacity)
        let certificate = try Self.certificate()
        for hash in 0..<100 {
            cache.insert(certificate, hash)
            #expect(cache.count <= max(2, capacity))
            #expect(cache.candidate(hash) === certificate)
        }
    }

    @Test("what is asked for stays, whatever else comes")
    func keepsWhatIsUsed() throws {
        var cache = CertificateCache(capacity: 8)
        let certificate = try Self.certificate()
        cache.insert(certificate, -1)
        for hash in 0..<100 {
            cache.insert(certificate, hash)
            #expect(cache.candidate(-1) != nil)
        }
        #expect(cache.candidate(0) == nil)
    }

    @Test("a text of no sensible length is not kept, though its certificate counts")
    func keepsNoLongText() throws {
        let files = TrustFiles(authority: SignedBus.path("ca.crt"), revocationList: nil)
        let trust = try Trust(files, files.read(), cacheCapacity: 8)
        let text = try Data(CredentialsFile.read(SignedBus.path("app01.crt"))).base64EncodedString()
        let first = try trust.certificate(text.utf8Span.span.bytes)
        let again = try trust.certificate(text.utf8Span.span.bytes)
        #expect(again === first)
        // Base64 skips what is no letter of it.
        let long = text + String(repeating: "!", count: 16_384)
        let other = try trust.certificate(long.utf8Span.span.bytes)
        #expect(other.commonName == first.commonName)
        let another = try trust.certificate(long.utf8Span.span.bytes)
        #expect(another !== other)
    }
}
