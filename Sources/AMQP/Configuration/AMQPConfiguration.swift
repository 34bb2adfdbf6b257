/// How to reach a broker, and how to behave there.
public struct AMQPConfiguration: Sendable {
    /// The brokers, tried in order, each with its own credentials. At least one.
    public var endpoints: [AMQPEndpoint]

    /// The name that RabbitMQ's tools show for the connection.
    public var connectionName: String?
    /// Told to the broker besides product, version, platform and capabilities; equal keys replace those.
    public var clientProperties: AMQPTable

    /// Where passwords come from that expire, as OAuth 2 access tokens; nil takes those of the endpoints.
    ///
    /// It is asked at each connect, and again once four fifths of a token's lifetime are over: the new one goes to the
    /// broker by connection.update-secret. After ``handshakeTimeout`` its task is cancelled, and it has failed; what does not
    /// heed that is waited for. An ``AMQPClient`` asks for each of its two connections.
    /// What it throws fails that connect, or is told as an event and tried again.
    public var tokenProvider: (@concurrent @Sendable (AMQPEndpoint) async throws -> AMQPToken)?

    /// The heartbeat interval to ask for, in whole seconds, 60 s by default. A dead peer is noticed after two.
    /// Zero is for none, in either direction.
    public var heartbeat: Duration
    /// For the TCP connect to one address, 10 s by default.
    public var connectTimeout: Duration
    /// For TCP, TLS and AMQP's handshake together, for one address, 15 s by default.
    public var handshakeTimeout: Duration
    /// For the reply to a synchronous method, 30 s by default. It stands still while the broker blocks the connection, and
    /// while that is not read, as a consumer's buffer is full.
    public var replyTimeout: Duration
    /// For the broker's close-ok, 5 s by default; then the socket is closed without.
    public var closeTimeout: Duration
    /// What ``AMQPClient`` waits at its end for handlers to settle deliveries and for confirms, 10 s by default.
    public var drainTimeout: Duration
    /// The largest frame to ask for, 131072 bytes by default; 0 leaves it to the broker.
    public var frameMax: UInt32
    /// The most channels to ask for, 2047 by default; 0 leaves it to the broker.
    public var channelMax: UInt16

    /// Reads of the socket that come in quick succession are so far apart at least; zero, the default, reads at once.
    ///
    /// A millisecond saves a good part of the processor's time where thousands of messages a second pass one by one, and
    /// costs as much latency then. Where reads are rarer, or a read brings much, nothing waits.
    public var readInterval: Duration

    /// What the broker may make this client hold.
    public var limits: AMQPLimits
    /// How ``AMQPClient`` comes back after a loss.
    public var recovery: AMQPRecoveryPolicy

    /// Creates a configuration of defaults for these endpoints.
    public init(endpoints: [AMQPEndpoint] = [AMQPEndpoint()]) {
        self.endpoints = endpoints
        connectionName = nil
        clientProperties = AMQPTable()
        tokenProvider = nil
        heartbeat = .seconds(60)
        connectTimeout = .seconds(10)
        handshakeTimeout = .seconds(15)
        replyTimeout = .seconds(30)
        closeTimeout = .seconds(5)
        drainTimeout = .seconds(10)
        frameMax = 131_072
        channelMax = 2047
        readInterval = .zero
        limits = AMQPLimits()
        recovery = AMQPRecoveryPolicy()
    }

    /// Creates a configuration of defaults for the endpoints that these URIs name, in order.
    ///
    /// - Throws: ``AMQPError`` with `invalidURI`, which says which one where there are several, or with
    ///   `invalidConfiguration` where there is none, or one that no broker can take.
    public init(uris: [String]) throws(AMQPError) {
        var endpoints: [AMQPEndpoint] = []
        for (index, uri) in uris.enumerated() {
            do throws(AMQPError) {
                endpoints.append(try AMQPEndpoint(uri: uri))
            } catch {
                guard uris.count > 1 else { throw error }
                var error = error
                error.message = "URI \(index + 1) of \(uris.count): \(error.message)"
                throw error
            }
        }
        self.init(endpoints: endpoints)
        try validate()
    }

    /// Creates a configuration of defaults for the one endpoint that the URI names.
    ///
    /// - Throws: ``AMQPError`` with `invalidURI`.
    public init(uri: String) throws(AMQPError) {
        try self.init(uris: [uri])
    }
}

extension AMQPConfiguration {
    /// Whether every setting makes sense. Touches neither network nor files.
    ///
    /// - Throws: ``AMQPError`` with `invalidConfiguration`, naming the setting.
    public func validate() throws(AMQPError) {
        guard !endpoints.isEmpty else { throw .setting("endpoints", "there has to be at least one") }
        for endpoint in endpoints {
            guard !endpoint.host.isEmpty else { throw .setting("host", "it is empty") }
            guard (1...65535).contains(endpoint.port) else { throw .setting("port", "it is not from 1 to 65535") }
            guard !endpoint.credentials.mechanisms.isEmpty else {
                throw .setting("mechanisms", "there has to be at least one")
            }
            guard endpoint.virtualHost.utf8.count <= 255 else { throw .setting("virtual host", "it is over 255 bytes") }
            if let tls = endpoint.tls, (tls.certificateFile == nil) != (tls.keyFile == nil) {
                throw .setting("certificate and key file", "they need each other")
            }
            try resolved(for: endpoint).validateNumbers()
        }
    }

    private func validateNumbers() throws(AMQPError) {
        guard (.zero ... .seconds(65535)).contains(heartbeat) else {
            throw .setting("heartbeat", "it is not from 0 to 65535 seconds")
        }
        guard frameMax == 0 || frameMax >= 4096 else {
            throw .setting("frame_max", "it is neither 0 nor 4096 at least")
        }
        guard (.zero ... .seconds(1)).contains(readInterval) else {
            throw .setting("read interval", "it is not from 0 to 1 second")
        }
        for (name, timeout) in [
            ("connect time-out", connectTimeout), ("handshake time-out", handshakeTimeout),
            ("reply time-out", replyTimeout), ("close time-out", closeTimeout),
        ] where timeout <= .zero {
            throw .setting(name, "it is not more than 0")
        }
    }

    /// The configuration with what the endpoint's URI overrides.
    func resolved(for endpoint: AMQPEndpoint) -> AMQPConfiguration {
        var resolved = self
        resolved.endpoints = [endpoint]
        resolved.heartbeat = endpoint.heartbeat ?? heartbeat
        resolved.connectTimeout = endpoint.connectTimeout ?? connectTimeout
        resolved.handshakeTimeout = endpoint.handshakeTimeout ?? handshakeTimeout
        resolved.frameMax = endpoint.frameMax ?? frameMax
        resolved.channelMax = endpoint.channelMax ?? channelMax
        return resolved
    }
}

extension AMQPError {
    fileprivate static func setting(_ name: String, _ message: String) -> AMQPError {
        AMQPError(.invalidConfiguration, "\(name): \(message)")
    }
}
