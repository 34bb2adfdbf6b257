internal import NIOCore

/// Who the client is, and how it may prove it.
public struct AMQPCredentials: Sendable, Hashable {
    /// A SASL mechanism that this client speaks.
    public enum Mechanism: String, Sendable, Hashable, CaseIterable {
        /// User name and password.
        case plain = "PLAIN"
        /// The same two in a table, as brokers of AMQP 0-8 wanted them; RabbitMQ offers it still.
        case amqplain = "AMQPLAIN"
        /// The certificate of the TLS connection says who it is (RabbitMQ: `rabbitmq_auth_mechanism_ssl`).
        case external = "EXTERNAL"
    }

    /// The mechanisms that may be used, the preferred one first; the first that the broker offers is taken.
    public var mechanisms: [Mechanism]
    /// For PLAIN and AMQPLAIN.
    public var username: String
    /// For PLAIN and AMQPLAIN.
    public var password: AMQPSecret

    /// Credentials that allow several mechanisms.
    public init(mechanisms: [Mechanism], username: String = "guest", password: AMQPSecret = AMQPSecret("guest")) {
        self.mechanisms = mechanisms
        self.username = username
        self.password = password
    }

    /// User name and password.
    public static func plain(username: String, password: String) -> Self {
        Self(mechanisms: [.plain], username: username, password: AMQPSecret(password))
    }

    /// The client certificate of the TLS connection.
    public static let external = Self(mechanisms: [.external], username: "", password: AMQPSecret(""))

    /// RabbitMQ's own default user, which it lets in from the same machine only.
    public static let guest = plain(username: "guest", password: "guest")
}

extension AMQPCredentials {
    /// The preferred mechanism among those that the broker lists, separated by spaces, in connection.start.
    func mechanism(offered: String) -> Mechanism? {
        let names = offered.split(separator: " ")
        return mechanisms.first { mechanism in names.contains { $0 == mechanism.rawValue } }
    }

    /// What connection.start-ok carries (RFC 4616 for PLAIN). It holds the password.
    ///
    /// - Throws: ``WireError`` where AMQPLAIN's table can't be sent.
    func response(for mechanism: Mechanism) throws(WireError) -> LongString {
        switch mechanism {
        case .plain: return LongString("\0\(username)\0\(password.value)")
        case .amqplain:
            // Entries alone: the table's own length is left away.
            var entries = ByteBuffer()
            try entries.writeEntry(AMQPTable.Entry("LOGIN", .longString(username)))
            try entries.writeEntry(AMQPTable.Entry("PASSWORD", .longString(password.value)))
            return LongString(bytes: Array(entries.readableBytesView))
        case .external: return LongString("")
        }
    }
}
