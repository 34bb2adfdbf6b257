/// A password that is good for a while, as an OAuth 2 access token.
public struct AMQPToken: Sendable, Hashable {
    /// The token itself, which goes where a password would.
    public var secret: AMQPSecret
    /// How long it is good from the moment at which it was asked for, as OAuth 2's `expires_in`; nil for as long as the
    /// connection lasts.
    public var lifetime: Duration?

    /// Creates a token.
    public init(_ secret: AMQPSecret, lifetime: Duration? = nil) {
        self.secret = secret
        self.lifetime = lifetime
    }
}

extension AMQPConfiguration {
    /// Asks for the token of an endpoint; nil where there is no provider.
    ///
    /// - Throws: ``AMQPError`` with `tokenUnavailable`; after ``handshakeTimeout`` once the provider, whose task is
    ///   cancelled then, has returned.
    func token(for endpoint: AMQPEndpoint) async throws(AMQPError) -> AMQPToken? {
        guard let tokenProvider else { return nil }
        let timeout = handshakeTimeout
        let result = await withTaskGroup(of: Result<AMQPToken, AMQPError>.self) { group in
            group.addTask {
                do {
                    return .success(try await tokenProvider(endpoint))
                } catch {
                    return .failure(.noToken("the provider of tokens failed", endpoint, underlying: error))
                }
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return .failure(.noToken("the provider of tokens gave none within \(timeout)", endpoint))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(.noToken("the provider of tokens gave none", endpoint))
        }
        return try result.get()
    }
}

extension AMQPError {
    fileprivate static func noToken(
        _ message: String,
        _ endpoint: AMQPEndpoint,
        underlying: (any Error)? = nil
    ) -> AMQPError {
        AMQPError(.tokenUnavailable, message, endpoint: endpoint.address, underlying: underlying)
    }
}
