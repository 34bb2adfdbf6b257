/// A key and its certificate, as the files were when they were read.
final class SigningCredentials: Sendable {
    let files: SigningFiles
    let contents: SigningFiles.Contents
    let key: RSAPrivateKey
    /// The PEM block alone in base64, as envelopes have it.
    let certificate: String
    let validity: Range<Int64>

    /// - Throws: `CredentialsError` where the files hold no key and certificate, or such as don't belong together.
    init(_ files: SigningFiles, _ contents: SigningFiles.Contents) throws(CredentialsError) {
        guard let certificate = Certificate(pem: contents.certificate) else {
            throw CredentialsError(path: files.certificate, cause: .noCertificate)
        }
        guard let publicKey = certificate.key else {
            throw CredentialsError(path: files.certificate, cause: .notRSA)
        }
        do {
            key = try RSAPrivateKey(pem: contents.key)
        } catch {
            throw CredentialsError(path: files.key, cause: error == .notRSA ? .notRSA : .noPrivateKey)
        }
        let probe = Array("probe".utf8)
        guard let signature = key.sign(probe.span.bytes) else {
            throw CredentialsError(path: files.key, cause: .unusableKey)
        }
        guard publicKey.hasSigned(probe.span.bytes, signature.span.bytes) else {
            throw CredentialsError(path: files.key, cause: .otherCertificate(files.certificate))
        }
        self.files = files
        self.contents = contents
        self.certificate = Base64.lines(certificate.pem)
        validity = certificate.validity
    }
}
