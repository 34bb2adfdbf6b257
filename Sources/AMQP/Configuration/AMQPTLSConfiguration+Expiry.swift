internal import NIOSSL

extension AMQPTLSConfiguration {
    /// When the client certificate, or one of those after it in its file, expires first, in seconds since 1970; nil where
    /// there is none.
    ///
    /// - Throws: ``AMQPError`` with `tlsConfigurationFailed`, naming the file and the cause.
    @concurrent
    public func certificateExpiry() async throws(AMQPError) -> Int64? {
        guard let certificateFile else { return nil }
        return try Self.certificates(in: certificateFile, as: "client certificate").map { Int64($0.notValidAfter) }
            .min()
    }

    /// When the last CA certificate in the trust roots' file expires, in seconds since 1970; nil where the system's are
    /// believed, or nothing is checked.
    ///
    /// - Throws: ``AMQPError`` with `tlsConfigurationFailed`, naming the file and the cause.
    @concurrent
    public func authorityExpiry() async throws(AMQPError) -> Int64? {
        guard verification == .full, case .file(let path) = trustRoots else { return nil }
        return try Self.certificates(in: path, as: "CA certificate").map { Int64($0.notValidAfter) }.max()
    }
}

extension AMQPConfiguration {
    /// When a client certificate of the endpoints' expires first, in seconds since 1970; nil where they have none.
    ///
    /// - Throws: ``AMQPError`` with `tlsConfigurationFailed`, naming the file and the cause.
    public func certificateExpiry() async throws(AMQPError) -> Int64? {
        try await first { tls throws(AMQPError) in try await tls.certificateExpiry() }
    }

    /// When all CA certificates of an endpoint's file have expired first, in seconds since 1970; nil where they have none.
    ///
    /// - Throws: ``AMQPError`` with `tlsConfigurationFailed`, naming the file and the cause.
    public func authorityExpiry() async throws(AMQPError) -> Int64? {
        try await first { tls throws(AMQPError) in try await tls.authorityExpiry() }
    }

    private func first(
        of expiry: (AMQPTLSConfiguration) async throws(AMQPError) -> Int64?
    ) async throws(AMQPError) -> Int64? {
        var first: Int64?
        for tls in endpoints.compactMap(\.tls) {
            guard let expiry = try await expiry(tls) else { continue }
            first = min(first ?? expiry, expiry)
        }
        return first
    }
}
