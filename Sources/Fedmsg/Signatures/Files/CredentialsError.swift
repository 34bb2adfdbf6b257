/// Why a certificate, key or revocation list can't be used, and which file's fault it is.
public struct CredentialsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with a file.
    public enum Cause: Hashable, Sendable {
        /// The system's words.
        case unreadable(String)
        case tooLarge
        case noCertificate
        case noRevocationList
        /// No private key, or one that a password encrypts.
        case noPrivateKey
        /// The key in a certificate or key file is of another algorithm.
        case notRSA
        /// The key is too short for a signature, or its parts don't fit each other.
        case unusableKey
        /// The key belongs to another certificate than that in the file named.
        case otherCertificate(String)
        /// No certificate could pass with this CA, in libcrypto's words.
        case unusableAuthority(String)
        /// No certificate could pass with this list beside that CA, in libcrypto's words.
        case unusableRevocationList(String, authority: String)
        /// No name was given; those of which there are a key and a certificate.
        case noName([String])
    }

    /// The file, or the folder where there is no name for one.
    public let path: String
    /// What is wrong with it.
    public let cause: Cause

    /// For example "/etc/pki/fedmsg/ca.crt: No such file or directory".
    public var description: String { "\(path): \(text)" }

    private var text: String {
        switch cause {
        case .unreadable(let words): words
        case .tooLarge: "over \(CredentialsFile.byteCountLimit) bytes"
        case .noCertificate: "no PEM certificate"
        case .noRevocationList: "no PEM certificate revocation list"
        case .noPrivateKey: "no PEM private key without a password"
        case .notRSA: "not an RSA key"
        case .unusableKey: "the key makes no signature"
        case .otherCertificate(let certificate): "the key is not that of \(certificate)"
        case .unusableAuthority(let words): "no certificate could pass: \(words)"
        case .unusableRevocationList(let words, let authority): "no certificate of \(authority) could pass: \(words)"
        case .noName(let names):
            names.isEmpty
                ? "no certname given, and no NAME.crt with NAME.key here"
                : "no certname given; here are \(names.joined(separator: ", "))"
        }
    }
}
