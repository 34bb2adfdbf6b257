import COpenSSL
import Foundation

/// Times in certificates and revocation lists.
enum Time {
    /// Seconds since 1970; nil for the forms that RFC 5280 forbids, which libcrypto refuses to compare too.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let time else { return nil }
        let length = ASN1_STRING_length(time)
        guard length == (ASN1_STRING_type(time) == V_ASN1_UTCTIME ? 13 : 15) else { return nil }
        guard let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_TIME_free(epoch) }
        var days: CInt = 0
        var seconds: CInt = 0
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
            ERR_clear_error()
            return nil
        }
        return Int64(days) * 86_400 + Int64(seconds)
    }

    /// For people, as `2026-01-31T12:00:00Z`.
    static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
