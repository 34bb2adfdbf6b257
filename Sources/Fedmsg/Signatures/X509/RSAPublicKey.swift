import COpenSSL

/// The RSA key in a certificate.
///
/// Signatures are checked by what the key recovers from them, with no request for an RSA-SHA1 verification: systems
/// refuse those by policy (RHEL since 9, Fedora since 41), and fedmsg has no other signatures.
final class RSAPublicKey: Sendable {
    /// Safe to share: never changed here, and libcrypto makes its cached Montgomery form under the key's lock.
    nonisolated(unsafe) private let pointer: OpaquePointer
    private let byteCount: Int

    /// - Parameter certificate: libcrypto's own, which must outlive the call.
    /// - Returns: nil where the certificate's key is none of RSA.
    init?(of certificate: OpaquePointer?) {
        guard let key = EVP_PKEY_get1_RSA(X509_get0_pubkey(certificate)) else {
            ERR_clear_error()
            return nil
        }
        pointer = key
        byteCount = Int(RSA_size(key))
    }

    deinit { RSA_free(pointer) }

    /// Whether a PKCS #1 v1.5 signature is this key's, with SHA-1, of bytes.
    func hasSigned(_ bytes: RawSpan, _ signature: RawSpan) -> Bool {
        guard signature.byteCount == byteCount else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { recovered in
            let count = signature.withUnsafeBytes { signature in
                RSA_public_decrypt(
                    CInt(signature.count),
                    signature.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    recovered.baseAddress,
                    pointer,
                    RSA_PKCS1_PADDING
                )
            }
            guard count >= 0 else {
                ERR_clear_error()
                return false
            }
            return SHA1Digest.withInfo(of: bytes) { info in
                info.elementsEqual(recovered.prefix(Int(count)))
            }
        }
    }
}
