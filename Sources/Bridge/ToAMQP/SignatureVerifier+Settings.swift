package import Fedmsg
package import Settings

extension SignatureVerifier {
    /// Checks signatures as `[crypto]` says.
    ///
    /// - Throws: `CredentialsError` with the file and the cause.
    package convenience init(_ crypto: BridgeConfiguration.Crypto) throws(CredentialsError) {
        try self.init(
            Configuration(
                authority: crypto.caCertLocation,
                revocationList: crypto.crlLocation.isEmpty ? nil : crypto.crlLocation,
                routingPolicy: crypto.routingPolicy,
                isNitpicky: crypto.routingNitpicky
            )
        )
    }
}
