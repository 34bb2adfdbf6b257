/// How a connection is encrypted, and who is believed. TLS 1.2 at least.
///
/// Files are named here and read at each connect, so that a renewed certificate counts from the next one on.
public struct AMQPTLSConfiguration: Sendable, Hashable {
    /// Whose signature makes a broker's certificate good.
    public enum TrustRoots: Sendable, Hashable {
        /// The certificate authorities that this machine's system believes.
        case system
        /// Only the certificate authorities of this PEM file.
        case file(String)
    }

    /// What is checked about the broker's certificate.
    public enum Verification: Sendable, Hashable {
        /// Its chain up to the trust roots, its dates, and that it is for the host's name.
        case full
        /// Nothing. Anybody may then be the broker.
        case none
    }

    /// The system's by default.
    public var trustRoots: TrustRoots
    /// PEM file of the client's certificate, intermediate ones after it; nil for none.
    public var certificateFile: String?
    /// PEM file of the client's private key.
    public var keyFile: String?
    /// The password of the private key, where it is encrypted.
    public var keyPassword: AMQPSecret?
    /// Full by default.
    public var verification: Verification
    /// The name that is sent (SNI) and expected in the certificate; the endpoint's host by default.
    public var serverName: String?

    /// Creates a configuration that checks everything.
    public init(
        trustRoots: TrustRoots = .system,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        keyPassword: AMQPSecret? = nil,
        verification: Verification = .full,
        serverName: String? = nil
    ) {
        self.trustRoots = trustRoots
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.keyPassword = keyPassword
        self.verification = verification
        self.serverName = serverName
    }
}
