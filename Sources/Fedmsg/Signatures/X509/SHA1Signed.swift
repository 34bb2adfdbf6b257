import COpenSSL

/// The raw check of a certificate or list that its authority signed with RSA and SHA-1.
///
/// Systems whose policy forbids such signatures make libcrypto call these broken; authorities of fedmsg's age made
/// no others.
enum SHA1Signed {
    /// Whether a certificate's signature is that of an issuer's key.
    static func isSigned(certificate: OpaquePointer?, by issuer: OpaquePointer?) -> Bool {
        var signature: UnsafePointer<ASN1_BIT_STRING>?
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_get0_signature(&signature, &algorithm, certificate)
        guard X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(certificate)) == 0 else { return false }
        return isSigned(der { i2d_X509(certificate, &$0) }, signature, algorithm, by: issuer)
    }

    /// Whether a revocation list's signature is that of an issuer's key.
    static func isSigned(list: OpaquePointer?, by issuer: OpaquePointer?) -> Bool {
        var signature: UnsafePointer<ASN1_BIT_STRING>?
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_CRL_get0_signature(list, &signature, &algorithm)
        return isSigned(der { i2d_X509_CRL(list, &$0) }, signature, algorithm, by: issuer)
    }

    private static func isSigned(
        _ der: [UInt8],
        _ signature: UnsafePointer<ASN1_BIT_STRING>?,
        _ algorithm: UnsafePointer<X509_ALGOR>?,
        by issuer: OpaquePointer?
    ) -> Bool {
        guard let signature, let algorithm, let signed = signedPart(of: der),
            OBJ_obj2nid(algorithm.pointee.algorithm) == NID_sha1WithRSAEncryption,
            let key = RSAPublicKey(of: issuer)
        else { return false }
        let bytes = UnsafeRawBufferPointer(
            start: ASN1_STRING_get0_data(signature),
            count: Int(ASN1_STRING_length(signature))
        )
        return key.hasSigned(der.span.bytes.extracting(signed), bytes.bytes)
    }

    private static func der(_ encode: (inout UnsafeMutablePointer<UInt8>?) -> CInt) -> [UInt8] {
        var data: UnsafeMutablePointer<UInt8>?
        let count = encode(&data)
        guard count > 0 else { return [] }
        defer { CRYPTO_free(data, #file, #line) }
        return Array(UnsafeBufferPointer(start: data, count: Int(count)))
    }

    /// Both are a sequence whose first element, header included, is what was signed.
    private static func signedPart(of der: [UInt8]) -> Range<Int>? {
        der.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return nil }
            var place: UnsafePointer<UInt8>? = start
            var (length, tag, kind) = (0, CInt(0), CInt(0))
            guard ASN1_get_object(&place, &length, &tag, &kind, bytes.count) & 0x80 == 0 else { return nil }
            guard let first = place.map({ $0 - start }),
                ASN1_get_object(&place, &length, &tag, &kind, bytes.count - first) & 0x80 == 0,
                let contents = place.map({ $0 - start })
            else { return nil }
            return first..<contents + length
        }
    }
}
