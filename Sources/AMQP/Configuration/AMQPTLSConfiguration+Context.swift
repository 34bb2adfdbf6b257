internal import FoundationEssentials
internal import NIOSSL

extension AMQPTLSConfiguration {
    /// Reads the files, so that what is wrong with them shows at a start and not at the first connect.
    ///
    /// - Throws: ``AMQPError`` with `tlsConfigurationFailed`, naming the file and the cause.
    public func checkFiles() async throws(AMQPError) {
        _ = try await makeContext()
    }

    /// Reads the files anew. Runs on the global pool: disks may be slow, and a system's roots are many.
    @concurrent
    func makeContext() async throws(AMQPError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.verifySignatureAlgorithms = Self.signatureAlgorithms
        configuration.curves = Self.curves
        configuration.certificateVerification = verification == .full ? .fullVerification : .none
        if case .file(let path) = trustRoots {
            configuration.trustRoots = .certificates(try Self.certificates(in: path, as: "CA certificate"))
        }
        if let certificateFile, let keyFile {
            let chain = try Self.certificates(in: certificateFile, as: "client certificate")
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(try privateKey(in: keyFile))
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw contextError(error)
        }
    }

    /// BoringSSL's own, and the keys that OpenSSL and Erlang take besides.
    private static let signatureAlgorithms: [SignatureAlgorithm] = [
        .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
        .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .ed25519, .rsaPssRsaeSha512, .rsaPkcs1Sha512, .rsaPkcs1Sha1,
    ]
    /// NIOSSL's own, and P-521: with TLS 1.2 certificates, the client's too, are on one of these.
    private static let curves: [NIOTLSCurve] = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1, .secp521r1]

    static func certificates(in path: String, as what: String) throws(AMQPError) -> [NIOSSLCertificate] {
        let bytes = try contents(of: path, as: what)
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw .tlsFile(path, "the \(what) file holds no certificate in PEM form")
        }
        return certificates
    }

    private func privateKey(in path: String) throws(AMQPError) -> NIOSSLPrivateKey {
        let bytes = try Self.contents(of: path, as: "private key")
        let key =
            if let keyPassword {
                try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { setter in setter(Array(keyPassword.value.utf8)) }
            } else {
                // Without a callback BoringSSL would ask on the terminal.
                try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { setter in setter([UInt8]()) }
            }
        guard let key else {
            throw .tlsFile(path, "the private key file holds no key in PEM form that opens with the password, if any")
        }
        return key
    }

    private static func contents(of path: String, as what: String) throws(AMQPError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            switch (error as? CocoaError)?.code {
            case .fileNoSuchFile, .fileReadNoSuchFile: throw .tlsFile(path, "the \(what) file: it is not there")
            case .fileReadNoPermission: throw .tlsFile(path, "the \(what) file: this user may not read it")
            default: throw .tlsFile(path, "the \(what) file: it can't be read", underlying: error)
            }
        }
    }

    private func contextError(_ error: any Error) -> AMQPError {
        guard let keyFile, let certificateFile else {
            return AMQPError(.tlsConfigurationFailed, "TLS could not be set up", underlying: error)
        }
        guard error as? NIOSSLError == .failedToLoadPrivateKey else {
            return .tlsFile(certificateFile, "the client certificate can't be used", underlying: error)
        }
        return .tlsFile(keyFile, "the private key is not that of the certificate in \(certificateFile)")
    }
}

extension AMQPConfiguration {
    /// Reads every certificate and key file that the endpoints name, and drops what was read.
    ///
    /// - Throws: ``AMQPError`` with `tlsConfigurationFailed`, naming the file and the cause.
    public func checkFiles() async throws(AMQPError) {
        for endpoint in endpoints {
            try await endpoint.tls?.checkFiles()
        }
    }
}

extension AMQPError {
    fileprivate static func tlsFile(_ path: String, _ message: String, underlying: (any Error)? = nil) -> AMQPError {
        AMQPError(.tlsConfigurationFailed, message, subject: .file(path), underlying: underlying)
    }
}
