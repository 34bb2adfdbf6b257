import COpenSSL

/// An X.509 certificate.
final class Certificate: Sendable {
    /// Safe to share: nothing here changes the object once it is read, and what libcrypto itself fills in later
    /// (a decoded key, cached extensions) it does under the object's lock.
    nonisolated(unsafe) let pointer: OpaquePointer

    /// Seconds since 1970 from which on it is valid, and those from which on no more.
    let validity: Range<Int64>
    let der: [UInt8]
    /// The first common name of the subject, if there is any.
    let commonName: String?

    /// Reads the first certificate of a PEM text; nil where there is none, or one without sensible dates.
    convenience init?(pem: [UInt8]) {
        guard let der = PEM.firstBlock(PEM_STRING_X509, in: pem) else { return nil }
        self.init(der: der)
    }

    /// Reads a certificate with nothing after it.
    init?(der: [UInt8]) {
        let pointer = der.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            guard let pointer = d2i_X509(nil, &start, bytes.count) else { return nil as OpaquePointer? }
            if start == bytes.baseAddress.map({ $0 + bytes.count }) { return pointer }
            X509_free(pointer)
            return nil
        }
        guard let pointer else {
            ERR_clear_error()
            return nil
        }
        self.pointer = pointer
        self.der = der
        guard let start = Time.seconds(X509_get0_notBefore(pointer)),
            let end = Time.seconds(X509_get0_notAfter(pointer))
        else {
            validity = 0..<0
            commonName = nil
            return nil
        }
        validity = start..<max(start, end)
        commonName = Self.commonName(of: X509_get_subject_name(pointer))
    }

    deinit { X509_free(pointer) }

    /// Its own PEM block, in lines of 64.
    var pem: [UInt8] {
        guard let memory = BIO_new(BIO_s_mem()) else { return [] }
        defer { BIO_free(memory) }
        guard PEM_write_bio_X509(memory, pointer) == 1 else { return [] }
        var text: UnsafeMutablePointer<BUF_MEM>?
        BIO_ctrl(memory, BIO_C_GET_BUF_MEM_PTR, 0, &text)
        guard let text = text?.pointee else { return [] }
        return Array(UnsafeRawBufferPointer(start: text.data, count: text.length))
    }

    private static func commonName(of name: OpaquePointer?) -> String? {
        let place = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard place >= 0 else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)))
        guard count >= 0 else {
            ERR_clear_error()
            return nil
        }
        defer { CRYPTO_free(text, #file, #line) }
        return String(validating: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
    }
}
