import Synchronization

/// What certificates are judged by, as the files were when they were read: the CA's certificate, which is the first
/// in its file, and its revocation list.
final class Trust: Sendable {
    /// Bytes of the longest text that is kept; one has 2,000 to 7,000. Base64 skips what is no letter of it, so that anybody can
    /// send a certificate in a text of any length.
    private static let cachedTextLimit = 16_384

    let files: TrustFiles
    let contents: TrustFiles.Contents
    let authority: Certificate
    let revocations: RevocationList?
    private let store: CertificateStore
    private let cache: Mutex<CertificateCache>

    init(_ files: TrustFiles, _ contents: TrustFiles.Contents, cacheCapacity: Int) throws(CredentialsError) {
        guard let authority = Certificate(pem: contents.authority) else {
            throw CredentialsError(path: files.authority, cause: .noCertificate)
        }
        var revocations: RevocationList?
        if let path = files.revocationList, let list = contents.revocationList {
            revocations = RevocationList(pem: list)
            if revocations == nil { throw CredentialsError(path: path, cause: .noRevocationList) }
        }
        var store: CertificateStore
        do {
            // Without the list first, to tell whose fault it is.
            store = try CertificateStore(authority: authority, revocations: nil)
        } catch {
            throw CredentialsError(path: files.authority, cause: .unusableAuthority(error.text))
        }
        if let path = files.revocationList, let revocations {
            do {
                store = try CertificateStore(authority: authority, revocations: revocations)
            } catch {
                throw CredentialsError(
                    path: path,
                    cause: .unusableRevocationList(error.text, authority: files.authority)
                )
            }
        }
        self.store = store
        self.files = files
        self.contents = contents
        self.authority = authority
        self.revocations = revocations
        cache = Mutex(CertificateCache(capacity: cacheCapacity))
    }

    /// As of when else a message may count whose certificate does not as of its receipt: one that came before the CA began came
    /// while the clock was behind, or waited for this CA, and may count as of when the files were read. Nil for all others.
    func corrected(_ time: JudgingTime, readAt: Int64) -> JudgingTime? {
        guard case .receipt(let seconds) = time, seconds < min(authority.validity.lowerBound, readAt) else {
            return nil
        }
        return .receipt(readAt)
    }

    /// Why no message can be judged as of a time.
    ///
    /// - Parameter readAt: when the files were read, in seconds since 1970. Replaced files are newer than the messages
    ///   that waited for them, and count for those too.
    func fault(at time: JudgingTime, readAt: Int64) -> TrustFault? {
        let latest = max(time.seconds, readAt)
        if authority.validity.upperBound <= time.seconds {
            return fault(.authorityExpired, files.authority, ", on \(Time.text(authority.validity.upperBound))")
        }
        if authority.validity.lowerBound > latest {
            return fault(.authorityExpired, files.authority, ", not before \(Time.text(authority.validity.lowerBound))")
        }
        guard case .receipt(let seconds) = time, let revocations, let path = files.revocationList else { return nil }
        if let nextUpdate = revocations.nextUpdate, nextUpdate <= seconds {
            return fault(.revocationListExpired, path, ", on \(Time.text(nextUpdate))")
        }
        if revocations.lastUpdate > latest {
            return fault(.revocationListExpired, path, ", not before \(Time.text(revocations.lastUpdate))")
        }
        return nil
    }

    private func fault(_ reason: TrustFault.Reason, _ path: String, _ limit: String) -> TrustFault {
        TrustFault(reason: reason, detail: path + limit)
    }

    /// The certificate that an envelope came with, once it is known to lead to the CA.
    ///
    /// - Parameter text: base64 between the quotes of a JSON string, its escapes included.
    func certificate(_ text: RawSpan) throws(SignatureRefusal) -> VerifiedCertificate {
        let hash = CertificateCache.hash(text)
        if let certificate = cache.withLock({ $0.candidate(hash) }), certificate.has(text) {
            return certificate
        }
        let certificate = try verify(text)
        if text.byteCount <= Self.cachedTextLimit { cache.withLock { $0.insert(certificate, hash) } }
        return certificate
    }

    private func verify(_ text: RawSpan) throws(SignatureRefusal) -> VerifiedCertificate {
        var pem: [UInt8] = []
        guard Base64.decode(text, isJSON: true, into: &pem) else {
            throw SignatureRefusal(.badCertificate, "it is no base64")
        }
        guard let certificate = Certificate(pem: pem) else {
            throw SignatureRefusal(.badCertificate, "there is none in the PEM text")
        }
        guard PEM.strictFirstCertificate(in: pem) == certificate.der else {
            throw SignatureRefusal(.badCertificate, "the PEM text can be read in two ways, or is broken")
        }
        do {
            try store.check(certificate)
        } catch {
            // As nobody has vouched for it, it might be of any length.
            let name = certificate.commonName?.prefix(64) ?? "a certificate without common name"
            // fedmsg gives the reason that libcrypto finds first.
            let isRevoked = error.isOfSignature && revocations?.revocation(of: certificate) != nil
            let reason = isRevoked ? SignatureRefusal.Reason.revoked : .badCertificate
            throw SignatureRefusal(reason, "\(name): \(error.text) (CA: \(files.authority))")
        }
        guard let commonName = certificate.commonName else {
            throw SignatureRefusal(.badCertificate, "it has no common name")
        }
        guard let key = certificate.key else {
            throw SignatureRefusal(.badCertificate, "the key of \(commonName) is not an RSA key")
        }
        return VerifiedCertificate(
            text: text.withUnsafeBytes { Array($0) },
            commonName: commonName,
            validity: certificate.validity,
            revocation: revocations?.revocation(of: certificate),
            key: key
        )
    }
}
