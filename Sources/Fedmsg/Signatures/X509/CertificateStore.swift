import COpenSSL

/// One certificate authority, and what it has revoked, as libcrypto checks certificates by them.
///
/// As fedmsg has it: the authority is the only certificate to build a chain with, and where there is a revocation
/// list every certificate of the chain, the authority's too, is looked up. Dates are not judged here, as they depend
/// on the message, nor is a revocation of the certificate itself, which has a date.
final class CertificateStore: Sendable {
    /// Safe to share: never changed after `init`, and libcrypto searches it under its lock.
    nonisolated(unsafe) private let pointer: OpaquePointer

    /// Why a certificate is not trusted.
    struct Failure: Error {
        let code: CInt

        /// In libcrypto's words.
        var text: String { String(cString: X509_verify_cert_error_string(Int(code))) }

        /// Whether the authority has not signed it, which libcrypto looks at after the revocation list.
        var isOfSignature: Bool { code == X509_V_ERR_CERT_SIGNATURE_FAILURE }
    }

    /// - Throws: where no certificate could pass: the authority's own does not.
    init(authority: Certificate, revocations: RevocationList?) throws(Failure) {
        guard let store = X509_STORE_new() else { throw Failure(code: X509_V_ERR_OUT_OF_MEM) }
        pointer = store
        X509_STORE_add_cert(store, authority.pointer)
        var flags = X509_V_FLAG_NO_CHECK_TIME
        if let revocations {
            X509_STORE_add_crl(store, revocations.pointer)
            flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL
        }
        X509_STORE_set_flags(store, UInt(flags))
        X509_STORE_set_verify_cb(store, Self.judge)
        try check(authority)
        if revocations?.revocation(of: authority) != nil { throw Failure(code: X509_V_ERR_CERT_REVOKED) }
    }

    deinit { X509_STORE_free(pointer) }

    /// Builds the chain and checks it.
    func check(_ certificate: Certificate) throws(Failure) {
        guard let context = X509_STORE_CTX_new() else { throw Failure(code: X509_V_ERR_OUT_OF_MEM) }
        defer { X509_STORE_CTX_free(context) }
        guard X509_STORE_CTX_init(context, pointer, certificate.pointer, nil) == 1 else {
            ERR_clear_error()
            throw Failure(code: X509_V_ERR_OUT_OF_MEM)
        }
        guard X509_verify_cert(context) == 1 else {
            ERR_clear_error()
            throw Failure(code: X509_STORE_CTX_get_error(context))
        }
    }

    /// Overrules two of libcrypto's objections.
    private static let judge: @convention(c) (CInt, OpaquePointer?) -> CInt = { isGood, context in
        if isGood == 1 { return 1 }
        switch X509_STORE_CTX_get_error(context) {
        case X509_V_ERR_CERT_REVOKED where X509_STORE_CTX_get_error_depth(context) == 0:
            return 1
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            let certificate = X509_STORE_CTX_get_current_cert(context)
            let issuer = X509_STORE_CTX_get0_current_issuer(context)
            return SHA1Signed.isSigned(certificate: certificate, by: issuer) ? 1 : 0
        case X509_V_ERR_CRL_SIGNATURE_FAILURE:
            let chain = X509_STORE_CTX_get0_chain(context)
            let authority = OpaquePointer(OPENSSL_sk_value(chain, OPENSSL_sk_num(chain) - 1))
            return SHA1Signed.isSigned(list: X509_STORE_CTX_get0_current_crl(context), by: authority) ? 1 : 0
        default:
            return 0
        }
    }
}
