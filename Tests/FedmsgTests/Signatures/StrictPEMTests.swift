import Testing

@testable import Fedmsg

@Suite("PEM as fedmsg's second library reads it")
struct StrictPEMTests {
    private static let certificate = block("QUJD")

    private static func block(_ contents: String, _ name: String = "CERTIFICATE", _ endName: String? = nil) -> String {
        "-----BEGIN \(name)-----\n\(contents)\n-----END \(endName ?? name)-----\n"
    }

    @Test(
        "the first certificate counts, and every block must be whole",
        arguments: [
            (certificate, "ABC"), ("x\(certificate)", "ABC"), (block("QUJD", "X509 CERTIFICATE"), "ABC"),
            (certificate + block("REVG"), "ABC"), (block("REVG", "KEY") + certificate, "ABC"),
            (block("QUJD", "KEY"), nil), ("", nil),
            // Broken, here or later.
            (block("QUJD", "CERTIFICATE", "X509 CERTIFICATE"), nil), (block("QUJD", "", ""), nil),
            (certificate + block("!", "KEY"), nil), (certificate + block("QUJD", "KEY", "LOCK"), nil),
            // White space counts for nothing before the base64 and at the ends of its lines.
            (block("\n \tQU \t\r\nJD "), "ABC"), (block("QU JD"), nil), (block("QU\n JD"), nil),
            // Padding must be what there has to be.
            (block("QUI="), "AB"), (block("QUI"), nil), (block("QUJD===="), nil), (block("QUJ="), nil),
        ] as [(String, String?)]
    )
    func reads(_ text: String, _ expected: String?) {
        let contents = PEM.strictFirstCertificate(in: Array(text.utf8))
        #expect(contents.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test("a certificate with anything after it is none")
    func refusesMore() throws {
        let der = try #require(PEM.firstBlock("CERTIFICATE", in: CredentialsFile.read(SignedBus.path("app01.crt"))))
        #expect(Certificate(der: der) != nil)
        #expect(Certificate(der: der + [0]) == nil)
    }
}
