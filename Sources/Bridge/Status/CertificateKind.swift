/// What expires. Raw values are the labels of `fedmsg_bridge_certificate_expiry_timestamp_seconds`.
public enum CertificateKind: String, CaseIterable, Sendable {
    /// The CA that fedmsg's certificates are checked by.
    case authority = "ca"
    /// That CA's revocation list.
    case revocationList = "crl"
    /// The certificate that is signed with.
    case own
    /// The client certificate for TLS and the CA that the broker's is checked by, whichever is the first.
    case tls

    /// How long before an expiry it is worth a look: 14 days, in seconds.
    public static let notice: Int64 = 14 * 86_400

    static let tlsCertificate = "TLS client certificate"
    static let tlsAuthority = "TLS CA"

    /// As people are told of it.
    public var name: String {
        switch self {
        case .authority: "fedmsg CA"
        case .revocationList: "Revocation list"
        case .own: "fedmsg certificate"
        case .tls: "TLS certificates"
        }
    }

    /// What an expiry is worth saying of; nil where it is far. Times are seconds since 1970.
    static func text(of expiry: Int64, at now: Int64) -> String? {
        if expiry <= now { return "has expired" }
        return expiry - now < notice ? "expires in \((expiry - now) / 86_400) days" : nil
    }
}
