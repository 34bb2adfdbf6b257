/// What becomes of a message whose signature was looked at.
public enum SignatureVerdict: Hashable, Sendable {
    /// Signed by the holder of a certificate with this common name, who may send on its topic.
    case valid(commonName: String)
    /// Not to be believed, whatever the time.
    case refused(SignatureRefusal)
    /// Nothing can be said of any message until the CA or the revocation list is replaced.
    case unjudged(TrustFault)

    /// Whether it is ``valid(commonName:)``.
    public var isValid: Bool {
        if case .valid = self { true } else { false }
    }
}

/// Why a message is not to be believed.
public struct SignatureRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The word that metrics and dead letters use.
    public enum Reason: String, CaseIterable, Hashable, Sendable {
        /// No signature or no certificate.
        case unsigned
        case badSignature = "bad_signature"
        case badCertificate = "bad_certificate"
        case revoked
        /// The certificate's holder may not send on the topic.
        case policy
        /// The envelope's topic, which is signed, is another than the topic frame.
        case topicMismatch = "topic_mismatch"
        /// A topic with a lone surrogate, which no frame can hold.
        case badTopic = "bad_topic"
    }

    /// The kind of refusal.
    public let reason: Reason
    /// What a person needs to find the fault, without the reason's name and without bytes of the message.
    public let detail: String

    /// For example "revoked: app01.example.org, since 2026-01-31T12:00:00Z by /etc/pki/fedmsg/crl.pem".
    public var description: String { "\(reason.rawValue): \(detail)" }

    init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// Why no message can be judged.
public struct TrustFault: Hashable, Sendable, CustomStringConvertible {
    /// The word that health reports use.
    public enum Reason: String, CaseIterable, Hashable, Sendable {
        /// The CA's certificate was not valid at the time that counts.
        case authorityExpired = "ca_expired"
        /// The revocation list was not the current one at the time that counts.
        case revocationListExpired = "crl_expired"
    }

    /// Which file is to be replaced.
    public let reason: Reason
    /// Names the file and its time limit.
    public let detail: String

    /// For example "crl_expired: /etc/pki/fedmsg/crl.pem, on 2026-01-31T12:00:00Z".
    public var description: String { "\(reason.rawValue): \(detail)" }
}
