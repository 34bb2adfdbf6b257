internal import NIOCore

/// What recovery takes from outside, so that tests can hand in a clock and dice of their own.
struct RecoveryEnvironment: Sendable {
    var sleep: @Sendable (Duration) async throws -> Void = { try await ContinuousClock().sleep(for: $0) }
    var random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    var resolve: @Sendable (AMQPEndpoint) async throws(AMQPError) -> [SocketAddress] = {
        endpoint async throws(AMQPError) in
        try await AddressResolver.addresses(of: endpoint.host, port: endpoint.port)
    }
}
