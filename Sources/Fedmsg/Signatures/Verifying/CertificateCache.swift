/// The certificates that messages came with lately, so that none is verified again for each message.
///
/// Two halves: when the newer is full it becomes the older, and what is not asked for meanwhile goes with the older.
/// Keyed by a hash that outsiders can't predict, so that a lookup under the lock costs no comparison of texts.
struct CertificateCache {
    private var newer: [Int: VerifiedCertificate] = [:]
    private var older: [Int: VerifiedCertificate] = [:]
    private let halfCapacity: Int

    init(capacity: Int) { halfCapacity = max(1, capacity / 2) }

    /// How many it holds.
    var count: Int { newer.count + older.count }

    /// The candidate for a text's hash, whose text the caller has to compare.
    mutating func candidate(_ hash: Int) -> VerifiedCertificate? {
        if let certificate = newer[hash] { return certificate }
        guard let certificate = older.removeValue(forKey: hash) else { return nil }
        insert(certificate, hash)
        return certificate
    }

    mutating func insert(_ certificate: VerifiedCertificate, _ hash: Int) {
        if newer.count >= halfCapacity {
            older = newer
            newer = [:]
        }
        newer[hash] = certificate
    }

    /// Of every eighth word: serial number, key and signature, by which certificates differ, are longer than that. Texts
    /// that agree in those push each other out, which costs no more than texts that are new each time.
    static func hash(_ text: RawSpan) -> Int {
        var hasher = Hasher()
        hasher.combine(text.byteCount)
        var offset = 0
        while let word = text.word(at: offset) {
            hasher.combine(word)
            offset += 64
        }
        return hasher.finalize()
    }
}
