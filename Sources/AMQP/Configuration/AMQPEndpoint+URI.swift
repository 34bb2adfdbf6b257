extension AMQPEndpoint {
    /// Reads `amqp://user:password@host:port/vhost?parameters`, or `amqps://` for TLS, as RabbitMQ's URI
    /// specification has it.
    ///
    /// Every part may be missing: `amqp://` is guest at localhost. `amqp://host` means the virtual host `/`, but
    /// `amqp://host/` the one whose name is empty. Parameters are those of RabbitMQ's documentation (`heartbeat`
    /// in seconds, 0 for none, `connection_timeout` in milliseconds, `channel_max`, `frame_max`, `auth_mechanism`,
    /// `cacertfile`, `certfile`, `keyfile`, `password` of the key, `verify`, `server_name_indication`) and pika's
    /// (`socket_timeout` and `stack_timeout` in seconds). What other clients know and this one has no use for,
    /// as `connection_attempts`, is listed in ``parametersWithoutEffect``.
    ///
    /// - Throws: ``AMQPError`` with `invalidURI`, naming the part; for an unknown parameter also the nearest known one.
    public init(uri: String) throws(AMQPError) {
        let parts = try AMQPURI(uri)
        self.init(
            host: parts.host.isEmpty ? "localhost" : parts.host,
            port: parts.port,
            virtualHost: parts.virtualHost ?? "/",
            tls: parts.usesTLS ? AMQPTLSConfiguration() : nil
        )
        if let username = parts.username {
            credentials = .plain(username: username, password: parts.password ?? "")
        }
        try apply(parts.parameters)
    }

    private mutating func apply(_ parameters: [AMQPURI.Parameter]) throws(AMQPError) {
        var seen: Set<AMQPURIParameter> = []
        var mechanisms: [String] = []
        for parameter in parameters {
            guard let known = AMQPURIParameter(rawValue: parameter.name) else {
                // What follows the key's password may be the rest of it.
                if seen.contains(.keyPassword) {
                    throw .uri("parameters", "one behind password is not known; a & in a password is written %26")
                }
                throw AMQPURIParameter.unknown(parameter.name)
            }
            if known == .authMechanism {
                mechanisms.append(parameter.value)
                continue
            }
            guard seen.insert(known).inserted else { throw .parameter(known, "it is there twice") }
            try apply(known, parameter.value)
        }
        if seen.isSuperset(of: [.connectionTimeout, .socketTimeout]) {
            throw .parameter(.socketTimeout, "connection_timeout says the same; write one of them")
        }
        if (tls?.certificateFile == nil) != (tls?.keyFile == nil) {
            throw .parameter(tls?.keyFile == nil ? .certificateFile : .keyFile, "certfile and keyfile need each other")
        }
        if !mechanisms.isEmpty { credentials.mechanisms = try Self.mechanisms(named: mechanisms) }
    }

    private mutating func apply(_ parameter: AMQPURIParameter, _ value: String) throws(AMQPError) {
        switch parameter {
        case .heartbeat: heartbeat = .seconds(try parameter.integer(value, in: 0...65535))
        case .connectionTimeout: connectTimeout = .milliseconds(try parameter.integer(value, in: 1...86_400_000))
        case .socketTimeout: connectTimeout = try parameter.seconds(value)
        case .stackTimeout: handshakeTimeout = try parameter.seconds(value)
        case .channelMax: channelMax = UInt16(try parameter.integer(value, in: 0...65535))
        case .frameMax:
            let bytes = try parameter.integer(value, in: 0...0x7fff_ffff)
            guard bytes == 0 || bytes >= 4096 else { throw .parameter(parameter, "it has to be 0, or 4096 at least") }
            frameMax = UInt32(bytes)
        case .caCertificateFile, .certificateFile, .keyFile, .keyPassword, .verify, .serverNameIndication:
            guard var tls else { throw .parameter(parameter, "it needs amqps://") }
            try tls.apply(parameter, value)
            self.tls = tls
        case .sslOptions:
            throw .parameter(
                parameter,
                "pika's dictionary is not read here; write cacertfile, certfile, keyfile, server_name_indication"
            )
        case .clientProperties: throw .parameter(parameter, "client properties can't be given in the URI")
        case .depth: throw .parameter(parameter, "the length of certificate chains can't be limited here")
        case .locale:
            guard value == "en_US" else { throw .parameter(parameter, "brokers know en_US only") }
            parametersWithoutEffect.append(parameter.rawValue)
        case .connectionAttempts, .retryDelay, .blockedConnectionTimeout, .tcpOptions, .failIfNoPeerCertificate:
            parametersWithoutEffect.append(parameter.rawValue)
        case .authMechanism: break
        }
    }

    private static func mechanisms(named names: [String]) throws(AMQPError) -> [AMQPCredentials.Mechanism] {
        var mechanisms: [AMQPCredentials.Mechanism] = []
        for name in names {
            guard let mechanism = AMQPCredentials.Mechanism(rawValue: name.uppercased()) else {
                throw .parameter(.authMechanism, "plain, amqplain and external are known")
            }
            if !mechanisms.contains(mechanism) { mechanisms.append(mechanism) }
        }
        return mechanisms
    }
}

extension AMQPTLSConfiguration {
    fileprivate mutating func apply(_ parameter: AMQPURIParameter, _ value: String) throws(AMQPError) {
        guard !value.isEmpty else { throw .parameter(parameter, "it is empty") }
        switch parameter {
        case .caCertificateFile: trustRoots = .file(value)
        case .certificateFile: certificateFile = value
        case .keyFile: keyFile = value
        case .keyPassword: keyPassword = AMQPSecret(value)
        case .serverNameIndication: serverName = value
        case .verify:
            switch value {
            case "verify_peer": verification = .full
            case "verify_none": verification = .none
            default: throw .parameter(parameter, "it has to be verify_peer or verify_none")
            }
        default: break
        }
    }
}
