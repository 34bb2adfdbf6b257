internal import FoundationEssentials
internal import NIOSSL

/// From when to when a certificate holds, in seconds since 1970.
struct CertificateValidity: Sendable {
    let notBefore: Int
    let notAfter: Int

    /// What is wrong with it now, as said of `subject`; nil where it holds.
    func fault(of subject: String, at now: Int) -> String? {
        if now > notAfter { return "\(subject) has expired, on \(Self.date(notAfter))" }
        if now < notBefore { return "\(subject) is not valid before \(Self.date(notBefore))" }
        return nil
    }

    private static func date(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
    }
}

extension CertificateValidity {
    init(_ certificate: NIOSSLCertificate) {
        self.init(notBefore: Int(certificate.notValidBefore), notAfter: Int(certificate.notValidAfter))
    }
}
