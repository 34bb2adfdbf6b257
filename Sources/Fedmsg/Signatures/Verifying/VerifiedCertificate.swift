import Foundation

/// A certificate that leads to the CA: what is left to judge of it depends on the message.
final class VerifiedCertificate: Sendable {
    /// As the envelope has it, in base64 with escapes.
    let text: [UInt8]
    let commonName: String
    let validity: Range<Int64>
    /// When the revocation list in force has revoked it, if it has.
    let revocation: Int64?
    let key: RSAPublicKey

    init(text: [UInt8], commonName: String, validity: Range<Int64>, revocation: Int64?, key: RSAPublicKey) {
        self.text = text
        self.commonName = commonName
        self.validity = validity
        self.revocation = revocation
        self.key = key
    }

    /// Whether it is the one in an envelope's text.
    func has(_ text: RawSpan) -> Bool {
        self.text.withUnsafeBytes { ours in
            text.withUnsafeBytes { theirs in
                guard let start = ours.baseAddress, let theirStart = theirs.baseAddress else { return false }
                return ours.count == theirs.count && memcmp(start, theirStart, ours.count) == 0
            }
        }
    }

    /// Why it doesn't count at a time; nil where it does.
    func objection(at time: JudgingTime, _ files: TrustFiles) -> SignatureRefusal? {
        if let revocation {
            switch time {
            case .message(let seconds) where seconds < revocation: break
            default:
                let since = revocation == .min ? "" : ", since \(Time.text(revocation))"
                return SignatureRefusal(.revoked, "\(commonName)\(since) by \(files.revocationList ?? "")")
            }
        }
        if validity.contains(time.seconds) { return nil }
        return SignatureRefusal(
            .badCertificate,
            time.seconds < validity.lowerBound
                ? "that of \(commonName) is not valid before \(Time.text(validity.lowerBound))"
                : "that of \(commonName) expired on \(Time.text(validity.upperBound))"
        )
    }
}
