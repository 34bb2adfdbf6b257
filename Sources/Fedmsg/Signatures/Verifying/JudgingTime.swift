/// The time as of which a message's certificate is judged, in seconds since 1970.
public enum JudgingTime: Hashable, Sendable {
    /// That of receipt, as on a live bus: the revocation list must be current then, and whatever it has revoked, at
    /// any time, is refused.
    case receipt(Int64)
    /// The message's own, as for a capture that outlived its certificates: a certificate counts as revoked from the
    /// date of its revocation on, and the revocation list's own dates don't matter.
    case message(Int64)

    var seconds: Int64 {
        switch self {
        case .receipt(let seconds), .message(let seconds): seconds
        }
    }
}
