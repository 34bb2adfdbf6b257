import COpenSSL

/// A SHA-1 digest as PKCS #1 v1.5 signs it.
enum SHA1Digest {
    /// The DigestInfo of RFC 8017 (section 9.2) up to the digest.
    private static let prefix: [UInt8] = [
        0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14,
    ]

    /// Of prefix and digest.
    static let infoByteCount = 35

    /// Calls a closure with the DigestInfo of bytes.
    ///
    /// The low-level digest: the other interface is subject to the system's crypto policy and allocates.
    static func withInfo<Result>(of bytes: RawSpan, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: infoByteCount) { info in
            info.initialize(repeating: 0)
            for place in prefix.indices { info[place] = prefix[place] }
            var state = SHA_CTX()
            SHA1_Init(&state)
            bytes.withUnsafeBytes { _ = SHA1_Update(&state, $0.baseAddress, $0.count) }
            SHA1_Final(info.baseAddress.map { $0 + prefix.count }, &state)
            return body(UnsafeBufferPointer(info))
        }
    }
}
