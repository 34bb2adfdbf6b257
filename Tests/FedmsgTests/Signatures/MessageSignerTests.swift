import Foundation
import Testing

@testable import Fedmsg

@Suite("MessageSigner")
struct MessageSignerTests {
    @Test("credentials are x509, in lines of 76, with the certificate's PEM block alone")
    func writesCredentials() throws {
        try withTemporaryFolder { folder in
            let pem = try String(contentsOfFile: SignedBus.path("app01.crt"), encoding: .utf8)
            let chain = try String(contentsOfFile: SignedBus.path("ca.crt"), encoding: .utf8)
            try Data("Certificate:\n text\n\(pem)\(chain)".utf8).write(to: folder.appending(path: "app01.crt"))
            try folder.put("app01.key", as: "app01.key")
            let signer = try MessageSigner(folder: folder.path, certname: "app01")
            #expect(signer.expiry == 4_733_510_400)

            var workspace = SignatureWorkspace()
            let envelope = OutgoingEnvelope(i: 1, messageID: "1", timestamp: nil, topic: "a", username: nil)
            let credentials = try signer.sign(envelope, body: "{}".utf8Span.span.bytes, using: &workspace)
            guard case .x509(let certificate, let signature) = credentials else {
                Issue.record("not x509")
                return
            }
            for text in [certificate, signature] {
                #expect(text.hasSuffix("\n"))
                #expect(text.split(separator: "\n").dropLast().allSatisfy { (line: Substring) in line.count == 76 })
            }
            #expect(Data(base64Encoded: certificate, options: .ignoreUnknownCharacters) == Data(pem.utf8))
            #expect(Data(base64Encoded: signature, options: .ignoreUnknownCharacters)?.count == 256)
        }
    }

    @Test("what an envelope said of its credentials before does not matter")
    func ignoresCredentials() throws {
        let signer = try MessageSigner(folder: SignedBus.folder, certname: "app01")
        let verdict = try Self.verdict(of: signer, credentials: .x509(certificate: "old", signature: "old"))
        #expect(verdict.word == "valid")
    }

    /// What the bus says of an envelope that a signer signs.
    private static func verdict(
        of signer: MessageSigner,
        credentials: OutgoingEnvelope.Credentials = .none
    ) throws -> SignatureVerdict {
        var workspace = SignatureWorkspace()
        var envelope = OutgoingEnvelope(i: 1, messageID: "1", timestamp: nil, topic: "a", username: nil)
        envelope.credentials = credentials
        envelope.credentials = try signer.sign(envelope, body: "{}".utf8Span.span.bytes, using: &workspace)
        var bytes: [UInt8] = []
        envelope.write(body: "{}".utf8Span.span.bytes, to: &bytes)
        return try SignedBus.verifier().verdict(of: String(decoding: bytes, as: UTF8.self))
    }

    @Test("a body that is no JSON is not signed")
    func refusesBody() throws {
        let signer = try MessageSigner(folder: SignedBus.folder, certname: "app01")
        var workspace = SignatureWorkspace()
        let envelope = OutgoingEnvelope(i: 1, messageID: "1", timestamp: nil, topic: "a", username: nil)
        #expect(throws: SigningError.self) {
            try signer.sign(envelope, body: "{".utf8Span.span.bytes, using: &workspace)
        }
    }

    @Test(
        "files that don't belong together, or are of no use, are refused with path and cause",
        arguments: [
            ("app01.crt", "app02.key", "name.key: the key is not that of", "name.crt"),
            ("app01.key", "app01.key", "name.crt: no PEM certificate", ""),
            ("app01.crt", "app01.crt", "name.key: no PEM private key without a password", ""),
            ("app01.crt", "app01-encrypted.key", "name.key: no PEM private key without a password", ""),
            ("app01.crt", "ec.key", "name.key: not an RSA key", ""),
            ("ec.crt", "ec.key", "name.crt: not an RSA key", ""),
        ]
    )
    func refusesFiles(_ certificate: String, _ key: String, _ words: String, _ more: String) throws {
        try withTemporaryFolder { folder in
            try folder.put(certificate, as: "name.crt")
            try folder.put(key, as: "name.key")
            do throws(CredentialsError) {
                _ = try MessageSigner(folder: folder.path, certname: "name")
                Issue.record("no error")
            } catch {
                #expect(error.description.contains(words) && error.description.hasSuffix(more), "\(error)")
            }
        }
    }

    @Test("without a name, the names that there are are listed")
    func listsNames() throws {
        try withTemporaryFolder { folder in
            for file in ["b.crt", "b.key", "a.crt", "a.key", "ca.crt", "lone.key"] {
                try folder.put("ca.crt", as: file)
            }
            #expect(throws: CredentialsError(path: folder.path, cause: .noName(["a", "b"]))) {
                try MessageSigner(folder: folder.path, certname: "")
            }
        }
    }

    @Test("a new key signs after a reload, a broken one never")
    func reloads() throws {
        try withTemporaryFolder { folder in
            for ending in ["crt", "key"] { try folder.put("app01.\(ending)", as: "name.\(ending)") }
            let signer = try MessageSigner(folder: folder.path, certname: "name")
            #expect(try !signer.reload())
            try folder.put("app02.crt", as: "name.crt")
            #expect(throws: CredentialsError.self) { try signer.reload() }
            #expect(try Self.verdict(of: signer) == .valid(commonName: "app01.example.org"))
            try folder.put("app02.key", as: "name.key")
            #expect(try signer.reload())
            #expect(try Self.verdict(of: signer) == .valid(commonName: "app02.example.org"))
        }
    }
}
