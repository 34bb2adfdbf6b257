import Testing

@testable import AMQP

@Suite("AMQPTLSConfiguration")
struct AMQPTLSConfigurationTests {
    private static let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Fixtures/tls"

    @Test("reads certificate, key and CA", arguments: [nil, "open-sesame"])
    func reads(password: String?) async throws {
        let tls = AMQPTLSConfiguration(
            trustRoots: .file(Self.folder + "/client.pem"),
            certificateFile: Self.folder + "/client.pem",
            keyFile: Self.folder + (password == nil ? "/client.key" : "/encrypted.key"),
            keyPassword: password.map { AMQPSecret($0) }
        )
        try await tls.checkFiles()
    }

    @Test("needs no file to believe the system's authorities")
    func systemRoots() async throws {
        try await AMQPTLSConfiguration().checkFiles()
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var ca = "client.pem"
        var certificate = "client.pem"
        var key = "client.key"
        var password: String?
        /// What the error has to name, and say.
        var file: String
        var words: String
        var testDescription: String { "\(file): \(words)" }
    }

    static let faults = [
        Fault(ca: "none.pem", file: "none.pem", words: "the CA certificate file: it is not there"),
        Fault(ca: "client.key", file: "client.key", words: "no certificate"),
        Fault(ca: "make.sh", file: "make.sh", words: "no certificate"),
        Fault(ca: "../tls", file: "../tls", words: "can't be read"),
        Fault(certificate: "none.pem", file: "none.pem", words: "the client certificate file: it is not there"),
        Fault(certificate: "client.key", file: "client.key", words: "no certificate"),
        Fault(key: "none.key", file: "none.key", words: "the private key file: it is not there"),
        Fault(key: "client.pem", file: "client.pem", words: "no key"),
        Fault(key: "encrypted.key", file: "encrypted.key", words: "opens with the password"),
        Fault(key: "encrypted.key", password: "hunter2", file: "encrypted.key", words: "opens with the password"),
        Fault(key: "other.key", file: "other.key", words: "not that of the certificate"),
    ]

    @Test("names the file and what is wrong with it, and no password", arguments: faults)
    func names(fault: Fault) async {
        let tls = AMQPTLSConfiguration(
            trustRoots: .file(Self.folder + "/" + fault.ca),
            certificateFile: Self.folder + "/" + fault.certificate,
            keyFile: Self.folder + "/" + fault.key,
            keyPassword: fault.password.map { AMQPSecret($0) }
        )
        let error = await #expect(throws: AMQPError.self) { try await tls.checkFiles() }
        #expect(error?.code == .tlsConfigurationFailed)
        #expect(error?.subject == .file(Self.folder + "/" + fault.file))
        #expect(error?.message.contains(fault.words) == true, "\(error?.description ?? "")")
        #expect(!"\(error as Any)".contains("hunter2"))
        // Where the cause is in words already, Foundation's say nothing more.
        if fault.words.hasSuffix("not there") { #expect(error?.underlying == nil) }
    }

    struct Words: Error, CustomStringConvertible {
        var description: String
    }

    @Test(
        "tells an expired broker's certificate from one of a stranger",
        arguments: [
            (1_000_000...2_000_000, "has expired, on 1970-01-24T03:33:20Z"),
            (4_000_000...5_000_000, "not valid before 1970-02-16T07:06:40Z"),
            (1_000_000...5_000_000, "no certificate authority in /ca.pem"),
            (nil, "no certificate authority in /ca.pem"),
        ]
    )
    func diagnosesServer(validity: ClosedRange<Int>?, words: String) {
        #expect(Self.diagnosis(Self.refusal, validity: validity).contains(words))
    }

    @Test(
        "tells a CA that does not hold from one of a stranger",
        arguments: [
            ([1_000_000...2_000_000], "the CA certificate in /ca.pem has expired, on 1970-01-24T03:33:20Z"),
            ([4_000_000...5_000_000], "the CA certificate in /ca.pem is not valid before 1970-02-16T07:06:40Z"),
            // An old one beside its successor is no fault.
            ([1_000_000...2_000_000, 1_000_000...5_000_000], "or an intermediate one is missing or has expired"),
            ([1_000_000...5_000_000], "or an intermediate one is missing or has expired"),
        ]
    )
    func diagnosesAuthority(authorities: [ClosedRange<Int>], words: String) {
        let text = Self.diagnosis(Self.refusal, validity: 1_000_000...5_000_000, authorities: authorities)
        #expect(text.contains(words), "\(text)")
    }

    private static let refusal = "SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED"

    @Test(
        "says what the broker's alert means",
        arguments: [
            ("TLSV1_ALERT_UNKNOWN_CA", "does not know the certificate authority"),
            ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "in /client.pem: it has expired"),
            ("TLSV1_ALERT_CERTIFICATE_REQUIRED", "wants a client certificate"),
            ("SSLV3_ALERT_BAD_CERTIFICATE", "refused the client certificate in /client.pem"),
            ("TLSV1_ALERT_INSUFFICIENT_SECURITY", "a key of RSA, P-256, P-384, P-521 or Ed25519"),
            ("BAD_ECC_CERT", "the broker's certificate has a key of a kind that is not taken"),
            ("WRONG_VERSION_NUMBER", "speaks no TLS"),
            ("SOMETHING_NEW", "TLS failed"),
        ]
    )
    func diagnosesAlert(alert: String, words: String) {
        #expect(Self.diagnosis(alert, validity: nil).contains(words))
    }

    private static func diagnosis(
        _ text: String,
        validity: ClosedRange<Int>?,
        authorities: [ClosedRange<Int>] = []
    ) -> String {
        func span(_ range: ClosedRange<Int>) -> CertificateValidity {
            CertificateValidity(notBefore: range.lowerBound, notAfter: range.upperBound)
        }
        return TLSDiagnosisHandler.diagnosis(
            of: Words(description: text),
            validity: validity.map(span),
            authorities: authorities.map(span),
            now: 3_000_000,
            expectedName: "broker",
            trustRoots: .file("/ca.pem"),
            clientCertificate: "/client.pem"
        )
    }
}
