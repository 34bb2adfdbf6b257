import COpenSSL

/// A certificate revocation list.
final class RevocationList: Sendable {
    /// Safe to share: nothing here changes the object once it is read, and libcrypto sorts and searches its
    /// entries under the object's lock.
    nonisolated(unsafe) let pointer: OpaquePointer

    /// When it was made, in seconds since 1970.
    let lastUpdate: Int64
    /// From when on it counts no more; nil where it doesn't say.
    let nextUpdate: Int64?

    /// Reads the first list of a PEM text; nil where there is none, or one without sensible dates.
    init?(pem: [UInt8]) {
        guard let pointer = PEM.read(pem, { PEM_read_bio_X509_CRL($0, nil, PEM.noPassword, nil) }) else { return nil }
        self.pointer = pointer
        let next = X509_CRL_get0_nextUpdate(pointer)
        nextUpdate = Time.seconds(next)
        let last = Time.seconds(X509_CRL_get0_lastUpdate(pointer))
        lastUpdate = last ?? 0
        if last == nil || (next != nil && nextUpdate == nil) { return nil }
    }

    deinit { X509_CRL_free(pointer) }

    /// When it has revoked a certificate, in seconds since 1970; nil where it has not.
    func revocation(of certificate: Certificate) -> Int64? {
        var entry: OpaquePointer?
        // 2 says that the entry takes an earlier revocation back.
        guard X509_CRL_get0_by_cert(pointer, &entry, certificate.pointer) == 1 else { return nil }
        // A date that nobody can read must not undo the revocation.
        return Time.seconds(X509_REVOKED_get0_revocationDate(entry)) ?? .min
    }
}
