import Fedmsg
import Foundation
import Testing

@Suite("SignatureVerifier")
struct SignatureVerifierTests {
    @Test("a message that was signed is its signer's")
    func believes() throws {
        let verdict = try SignedBus.verifier().verdict(of: SignedBus.message(), frame: "org.fedoraproject.test")
        #expect(verdict == .valid(commonName: "app01.example.org"))
    }

    @Test(
        "what the certificate is decides",
        arguments: [
            ("app02", "valid", "app02.example.org"),
            ("sha1", "valid", "sha1.example.org"),
            ("revoked", "revoked", "revoked.example.org, since 2026-01-06T00:00:00Z by"),
            ("expired", "bad_certificate", "that of expired.example.org expired on 2026-01-09T00:00:00Z"),
            ("future", "bad_certificate", "that of future.example.org is not valid before 2026-01-11T00:00:00Z"),
            ("otherkey", "bad_certificate", "otherkey.example.org: certificate signature failure (CA: "),
            ("chained", "bad_certificate", "chained.example.org: unable to get local issuer certificate (CA: "),
            ("nocn", "bad_certificate", "no common name"),
        ]
    )
    func judgesCertificates(_ certname: String, _ word: String, _ detail: String) throws {
        let verdict = try SignedBus.verifier().verdict(of: SignedBus.message(by: certname))
        #expect(verdict.word == word)
        #expect(verdict.says(detail), "\(verdict.detail)")
    }

    @Test(
        "a certificate that is not the authority's, with the number of a revoked one, counts as revoked, as for fedmsg"
    )
    func judgesForgedAsRevoked() throws {
        let text = try SignedBus.message(by: "revoked")
        var message = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let encoded = try #require(message["certificate"] as? String)
        let pem = String(
            decoding: try #require(Data(base64Encoded: encoded, options: .ignoreUnknownCharacters)),
            as: UTF8.self
        )
        let lines = try #require(
            pem.split(separator: "-----BEGIN CERTIFICATE-----\n").last?.split(separator: "\n-----END").first
        )
        var der = try #require(Data(base64Encoded: String(lines), options: .ignoreUnknownCharacters))
        der[der.count - 1] ^= 1
        let block = der.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        let forged = "-----BEGIN CERTIFICATE-----\n\(block)\n-----END CERTIFICATE-----\n"
        message["certificate"] = Data(forged.utf8).base64EncodedString()
        let changed = String(decoding: try JSONSerialization.data(withJSONObject: message), as: UTF8.self)
        let verdict = try SignedBus.verifier().verdict(of: changed)
        #expect(verdict.word == "revoked")
        #expect(verdict.says("revoked.example.org: certificate signature failure"), "\(verdict.detail)")
    }

    @Test(
        "what was changed decides",
        arguments: [
            (#""i":1"#, #""i":1.0"#, "bad_signature", "app01.example.org did not sign this"),
            (#""i":1"#, #""i":1,"seq_id":1"#, "bad_signature", "app01.example.org did not sign this"),
            ("2.50", "2.5", "valid", ""),
            (#""crypto":"x509","#, "", "bad_signature", "app01.example.org did not sign this"),
            (#""crypto":"x509""#, #""crypto":"gpg""#, "bad_signature", "crypto is gpg, expected x509"),
            (#""crypto":"x509""#, #""crypto":["x509"]"#, "bad_signature", "crypto is unknown, expected x509"),
            (#""crypto":"x509""#, #""crypto":"\u0078509""#, "valid", ""),
            (#""signature":"#, #""Signature":"#, "unsigned", "there is no signature"),
            (#""certificate":"#, #""Certificate":"#, "unsigned", "there is no certificate"),
            (#""signature":"#, #""signature":1,"s":"#, "bad_signature", "the signature is an integer, expected text"),
            (#""certificate":"#, #""certificate":[],"c":"#, "bad_certificate", "it is an array, expected text"),
            (#""signature":""#, #""signature":"é"#, "bad_signature", "the signature is no base64"),
            (#""certificate":""#, #""certificate":"é"#, "bad_certificate", "it is no base64"),
            (#""certificate":""#, #""certificate":"QUJD"#, "bad_certificate", "there is none in the PEM text"),
            (#""signature":""#, #""signature":"QUJD"#, "bad_signature", "app01.example.org did not sign this"),
        ]
    )
    func judgesMessages(_ before: String, _ after: String, _ word: String, _ detail: String) throws {
        let text = try SignedBus.message().replacing(before, with: after, maxReplacements: 1)
        let verdict = try SignedBus.verifier().verdict(of: text)
        #expect(verdict.word == word)
        #expect(verdict.says(detail), "\(verdict.detail)")
    }

    @Test("without any credentials a message is unsigned")
    func findsUnsigned() throws {
        #expect(try SignedBus.verifier().verdict(of: #"{"msg":{},"topic":"a"}"#).word == "unsigned")
    }

    @Test(
        "the topic frame must be the topic that is signed",
        arguments: [
            ("org.fedoraproject.café", "org.fedoraproject.cafe\u{301}", "topic_mismatch"),
            ("org.fedoraproject.café", "org.fedoraproject.café", "valid"),
            ("a", "", "topic_mismatch"),
        ]
    )
    func comparesFrames(_ topic: String, _ frame: String, _ word: String) throws {
        let text = try SignedBus.message(topic: topic)
        #expect(try SignedBus.verifier().verdict(of: text, frame: frame).word == word)
    }

    @Test("a topic with a lone surrogate is no frame's")
    func refusesSurrogates() throws {
        #expect(try SignedBus.verifier().verdict(of: #"{"msg":{},"topic":"\ud800"}"#, frame: "a").word == "bad_topic")
    }

    @Test(
        "the routing policy says who may send on a topic",
        arguments: [
            (
                "only.one", "app01", false, "policy",
                "app01.example.org, whom routing_policy does not name for the topic"
            ),
            ("only.one", "app02", false, "valid", ""),
            ("only.one", "app02", true, "valid", ""),
            ("only.café", "app02", false, "valid", ""),
            ("only.cafe\u{301}", "app02", false, "valid", ""),
            ("only.cafe\u{301}", "app02", true, "policy", "on a topic that routing_policy does not name"),
            ("any", "app01", false, "valid", ""),
            ("any", "app01", true, "policy", "app01.example.org, on a topic that routing_policy does not name"),
        ]
    )
    func obeysPolicy(_ topic: String, _ certname: String, _ isNitpicky: Bool, _ word: String, _ detail: String) throws {
        let policy = ["only.one": ["app02.example.org"], "only.café": ["app02.example.org"]]
        let verifier = try SignedBus.verifier(routingPolicy: policy, isNitpicky: isNitpicky)
        let verdict = try verifier.verdict(of: SignedBus.message(by: certname, topic: topic))
        #expect(verdict.word == word)
        #expect(verdict.says(detail), "\(verdict.detail)")
    }

    @Test("where the policy names no topic at all, nobody may send on a nitpicky bus")
    func obeysEmptyPolicy() throws {
        #expect(try SignedBus.verifier(isNitpicky: true).verdict(of: SignedBus.message()).word == "policy")
    }

    @Test("one workspace serves message after message")
    func reusesWorkspace() throws {
        let verifier = try SignedBus.verifier()
        var workspace = SignatureWorkspace()
        for topic in ["a", "a.longer.topic", "b"] {
            let message = try Received(SignedBus.message(topic: topic))
            let bytes = message.bytes.span.bytes
            let time = JudgingTime.receipt(SignedBus.now)
            let verdict = verifier.verify(message.envelope, in: bytes, frame: nil, at: time, using: &workspace)
            #expect(verdict.word == "valid", "\(topic)")
        }
    }

    @Test("a forged message is refused for its signature before the policy is asked")
    func judgesSignatureFirst() throws {
        let text = try SignedBus.message().replacing(#""i":1"#, with: #""i":2"#)
        #expect(try SignedBus.verifier(isNitpicky: true).verdict(of: text).word == "bad_signature")
    }

    @Test("a signature that lacks its first byte, a zero, is another")
    func refusesShortSignature() throws {
        let verifier = try SignedBus.verifier()
        let signed = try (0..<10_000).lazy.map { try SignedBus.message(body: #"{"try":\#($0)}"#) }
            .first { try SignedBus.signature(of: $0).first == 0 }
        let text = try #require(signed)
        #expect(try verifier.verdict(of: text).word == "valid")
        let short = try SignedBus.signature(of: text).dropFirst().base64EncodedString()
        #expect(
            try verifier.verdict(of: text.replacing(#/"signature":"[^"]*"/#, with: #""signature":"\#(short)""#)).word
                == "bad_signature"
        )
    }

    @Test("a signature of the bare digest, which does not say SHA-1, is none")
    func refusesBareDigest() throws {
        // By app01's key, of the SHA-1 of the canonical form: openssl dgst -sha1 -binary | openssl pkeyutl -sign
        let signature = """
            izs+jBqG+O//5NSpfqQyX03XnWxz/QgWVckhp/KSEoSL5BsHSuyQ/h+CeW9eQ31bamdDKdQilTaOPhv7U5pl74\
            sVIxY6tdozlF5dumwmbtzQfCTp2gxutUn2fdp+Fmunc+CK25Sn9WdgqrWl+xywjV9v4EHFhDsZQv9vCucJWnJF\
            Qk1lxv6Axd1PEys6oGKHLb+xMpngFTCSY6BbYNg3FJb9wE9pItRERGeEwyv0irhwzR8f12h+4pSbXihY5Zo6Hl\
            sRoNJu0NKdZ7mqzkYoke4t17Sc3/BnlL3MEdnGySQ7jrXdaaqSew4oKtoCqxFppWyvmBimmQKU/vlfioiewg==
            """
        let certificate = try #require(try SignedBus.message().firstMatch(of: /"certificate":"([^"]*)"/)).1
        let text =
            #"{"crypto":"x509","msg":{},"topic":"a","certificate":"\#(certificate)","signature":"\#(signature)"}"#
        let verdict = try SignedBus.verifier().verdict(of: text)
        #expect(verdict.says("app01.example.org did not sign this"), "\(verdict.detail)")
    }

    @Test("two certificates that the two libraries of fedmsg would take by turns are none")
    func refusesTwoReadings() throws {
        let pem = try ["app02.crt", "app01.crt"].map { try String(contentsOfFile: SignedBus.path($0), encoding: .utf8) }
        // OpenSSL looks for a block at the beginning of a line only.
        let text = Data("x\(pem[0])\(pem[1])".utf8).base64EncodedString()
        let certificate = try #require(try SignedBus.message().firstMatch(of: /"certificate":"([^"]*)"/)).1
        let verdict = try SignedBus.verifier()
            .verdict(of: SignedBus.message().replacing(certificate, with: text))
        #expect(verdict.word == "bad_certificate")
        #expect(verdict.detail.contains("two ways"))
    }

    @Test("a certificate that a password encrypts asks nobody for it")
    func asksNoPassword() throws {
        let pem = """
            -----BEGIN CERTIFICATE-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

            AAAAAAAAAAAAAAAAAAAAAA==
            -----END CERTIFICATE-----

            """
        let text = #"{"msg":{},"signature":"","certificate":"\#(Data(pem.utf8).base64EncodedString())"}"#
        #expect(try SignedBus.verifier().verdict(of: text).word == "bad_certificate")
    }

    @Test("what datanommer adds is undone in stored messages only")
    func undoesStorage() throws {
        let text = try SignedBus.message().replacing(
            #""timestamp":1768003200"#,
            with: #""timestamp":1768003200.0,"headers":{},"source_name":"datanommer","source_version":"0.9""#
        )
        let verifier = try SignedBus.verifier()
        #expect(try verifier.verdict(of: text, isStored: true).word == "valid")
        #expect(try verifier.verdict(of: text).word == "bad_signature")
        let broken = text.replacing("1768003200.0", with: "[]")
        #expect(try verifier.verdict(of: broken, isStored: true).detail == "the stored timestamp is no number")
    }
}
