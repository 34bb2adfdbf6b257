import COpenSSL

/// PEM text as libcrypto reads it.
enum PEM {
    /// Never asks: libcrypto's own callback would wait for a password at the terminal.
    static let noPassword: @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt =
        { _, _, _, _ in -1 }

    /// Calls a reader with the text, and forgets what libcrypto noted of a failure.
    static func read<Object>(_ text: [UInt8], _ reader: (OpaquePointer) -> Object?) -> Object? {
        guard let count = CInt(exactly: text.count) else { return nil }
        return text.withUnsafeBytes { bytes in
            guard let memory = BIO_new_mem_buf(bytes.baseAddress, count) else { return nil }
            defer { BIO_free(memory) }
            let object = reader(memory)
            if object == nil { ERR_clear_error() }
            return object
        }
    }

    /// The DER in the first block of a name, nil where there is none or it is broken.
    static func firstBlock(_ name: String, in text: [UInt8]) -> [UInt8]? {
        read(text) { memory in
            var data: UnsafeMutablePointer<UInt8>?
            var count = 0
            guard PEM_bytes_read_bio(&data, &count, nil, name, memory, noPassword, nil) == 1 else { return nil }
            defer { CRYPTO_free(data, #file, #line) }
            return Array(UnsafeBufferPointer(start: data, count: count))
        }
    }
}
