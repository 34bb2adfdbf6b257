public import NIOCore

extension AMQPEndpoint {
    /// Asks the name service for every address of the host, in the order to try them. An address is its own.
    ///
    /// ``AMQPClient`` does this by itself. Who drives an ``AMQPConnection`` hands it one of these at a time.
    ///
    /// - Throws: ``AMQPError`` with `nameResolutionFailed`.
    public func addresses() async throws(AMQPError) -> [SocketAddress] {
        do throws(AMQPError) {
            return try await AddressResolver.addresses(of: host, port: port)
        } catch {
            throw error.at(endpoint: address)
        }
    }
}
