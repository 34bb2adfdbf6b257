import COpenSSL

/// An RSA key that signs.
final class RSAPrivateKey: Sendable {
    /// Safe to share: never changed here, and libcrypto keeps its blinding factors under the key's lock.
    nonisolated(unsafe) private let pointer: OpaquePointer
    private let byteCount: Int

    /// Why a text holds no key to sign with.
    enum Problem: Error {
        /// None, or one that a password encrypts.
        case unreadable
        /// Of another algorithm.
        case notRSA
    }

    /// Reads the first private key of a PEM text.
    init(pem: [UInt8]) throws(Problem) {
        guard let key = PEM.read(pem, { PEM_read_bio_PrivateKey($0, nil, PEM.noPassword, nil) }) else {
            throw .unreadable
        }
        defer { EVP_PKEY_free(key) }
        guard let pointer = EVP_PKEY_get1_RSA(key) else {
            ERR_clear_error()
            throw .notRSA
        }
        self.pointer = pointer
        byteCount = Int(RSA_size(pointer))
    }

    deinit { RSA_free(pointer) }

    /// The PKCS #1 v1.5 signature of bytes, with SHA-1; nil where the key is too short for it, or broken.
    ///
    /// By the bare private operation, since systems refuse by policy to make RSA-SHA1 signatures.
    func sign(_ bytes: RawSpan) -> [UInt8]? {
        var isSigned = false
        let signature = [UInt8](unsafeUninitializedCapacity: byteCount) { signature, count in
            SHA1Digest.withInfo(of: bytes) { info in
                let length = RSA_private_encrypt(
                    CInt(info.count),
                    info.baseAddress,
                    signature.baseAddress,
                    pointer,
                    RSA_PKCS1_PADDING
                )
                isSigned = length == byteCount
                count = isSigned ? byteCount : 0
            }
        }
        if isSigned { return signature }
        ERR_clear_error()
        return nil
    }
}
