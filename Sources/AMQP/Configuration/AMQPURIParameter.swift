/// The query parameters of AMQP URIs that RabbitMQ documents, and those of pika.
enum AMQPURIParameter: String, CaseIterable {
    case heartbeat
    case connectionTimeout = "connection_timeout"
    case channelMax = "channel_max"
    case frameMax = "frame_max"
    case authMechanism = "auth_mechanism"
    case caCertificateFile = "cacertfile"
    case certificateFile = "certfile"
    case keyFile = "keyfile"
    case keyPassword = "password"
    case verify
    case serverNameIndication = "server_name_indication"
    case failIfNoPeerCertificate = "fail_if_no_peer_cert"
    case depth

    case socketTimeout = "socket_timeout"
    case stackTimeout = "stack_timeout"
    case blockedConnectionTimeout = "blocked_connection_timeout"
    case connectionAttempts = "connection_attempts"
    case retryDelay = "retry_delay"
    case locale
    case sslOptions = "ssl_options"
    case tcpOptions = "tcp_options"
    case clientProperties = "client_properties"

    static func unknown(_ name: String) -> AMQPError {
        let known = allCases.map(\.rawValue)
        let hint = nearestName(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        return .uri("parameter \(name)", "it is not known" + hint)
    }

    func integer(_ text: String, in range: ClosedRange<Int>) throws(AMQPError) -> Int {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let value = Int(text),
            range.contains(value)
        else {
            throw .parameter(self, "it has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Seconds, perhaps with a fraction, as pika takes them.
    func seconds(_ text: String) throws(AMQPError) -> Duration {
        let isDecimal = text.utf8.allSatisfy { ("0"..."9").contains(Character(Unicode.Scalar($0))) || $0 == 0x2e }
        guard isDecimal, let value = Double(text), value > 0, value <= 86_400 else {
            throw .parameter(self, "it has to be a number of seconds, more than 0 and at most 86400")
        }
        return .milliseconds(Int64((value * 1000).rounded(.up)))
    }
}

extension AMQPError {
    static func parameter(_ parameter: AMQPURIParameter, _ message: String) -> AMQPError {
        .uri("parameter \(parameter.rawValue)", message)
    }
}
