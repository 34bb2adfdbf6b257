/// One address of a broker, with all that a connection to it needs: what a URI says.
public struct AMQPEndpoint: Sendable, Hashable {
    /// A host name or an IP address, without brackets.
    public var host: String
    /// 5672 as a rule, 5671 with TLS.
    public var port: Int
    /// The virtual host, `/` by default.
    public var virtualHost: String
    /// Who the client is there.
    public var credentials: AMQPCredentials
    /// Nil means plain TCP.
    public var tls: AMQPTLSConfiguration?

    /// Where set, overrides ``AMQPConfiguration/heartbeat`` for this endpoint.
    public var heartbeat: Duration?
    /// Where set, overrides ``AMQPConfiguration/connectTimeout`` for this endpoint.
    public var connectTimeout: Duration?
    /// Where set, overrides ``AMQPConfiguration/handshakeTimeout`` for this endpoint.
    public var handshakeTimeout: Duration?
    /// Where set, overrides ``AMQPConfiguration/frameMax`` for this endpoint.
    public var frameMax: UInt32?
    /// Where set, overrides ``AMQPConfiguration/channelMax`` for this endpoint.
    public var channelMax: UInt16?

    /// Names of the URI's parameters that other clients know and that have no effect here, in order.
    public internal(set) var parametersWithoutEffect: [String] = []

    /// Creates an endpoint; the port follows from `tls` where none is given.
    public init(
        host: String = "localhost",
        port: Int? = nil,
        virtualHost: String = "/",
        credentials: AMQPCredentials = .guest,
        tls: AMQPTLSConfiguration? = nil
    ) {
        self.host = host
        self.port = port ?? (tls == nil ? Self.port : Self.tlsPort)
        self.virtualHost = virtualHost
        self.credentials = credentials
        self.tls = tls
    }

    static let port = 5672
    static let tlsPort = 5671

    /// Host and port, as in `[::1]:5672`.
    public var address: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// What to say when the broker refuses an empty virtual host, which RabbitMQ's URI specification makes of a
    /// URI that ends in a slash.
    var virtualHostHint: String? {
        guard virtualHost.isEmpty else { return nil }
        return
            "the virtual host is empty, as the URI ends in '/': for the default one write '/%2F' or leave the slash away"
    }
}

extension AMQPEndpoint: CustomStringConvertible, CustomDebugStringConvertible {
    /// The URI without its parameters, the password masked.
    public var description: String {
        let scheme = tls == nil ? "amqp" : "amqps"
        let user = credentials.mechanisms != [.external] ? "\(credentials.username.percentEncoded):***@" : ""
        return "\(scheme)://\(user)\(address)/\(virtualHost.percentEncoded)"
    }

    /// As ``description``.
    public var debugDescription: String { description }
}
