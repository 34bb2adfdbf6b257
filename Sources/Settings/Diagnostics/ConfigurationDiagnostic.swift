/// One thing to say about a configuration: a mistake, a warning, or a key without effect.
public struct ConfigurationDiagnostic: Sendable, Equatable, CustomStringConvertible {
    /// How much it matters.
    public enum Severity: String, Sendable {
        /// The configuration cannot be used.
        case error
        /// It can be used, but hardly as meant.
        case warning
        /// A peer's key that is taken and has no effect.
        case unused
    }

    /// What kind of thing it is.
    public enum Code: String, Sendable {
        /// A file or folder that cannot be read.
        case unreadable
        /// Text that is not TOML.
        case syntax
        /// A key or variable that does not exist.
        case unknownKey = "unknown_key"
        /// A value that the key cannot have, by its type or otherwise.
        case badValue = "bad_value"
        /// A value that is needed and absent.
        case missing
        /// Values that do not go together.
        case conflict
        /// A secret that others can read.
        case exposedSecret = "exposed_secret"
        /// What works, but probably not as meant.
        case doubtful
        /// A key without effect.
        case unused
    }

    /// How much it matters.
    public let severity: Severity
    /// What kind of thing it is.
    public let code: Code
    /// Where the value came from that it is about.
    public let origin: ConfigurationOrigin
    /// The key; nil where it is about a file as a whole.
    public let key: ConfigurationPath?
    /// The whole sentence, without origin and key; it holds no secret and no control character.
    public let text: String
    /// What the key takes, where that was the mistake.
    public let expected: String?
    /// What stood there instead.
    public let found: String?
    /// The nearest known key, of one that is unknown.
    public let nearest: String?

    /// One thing to say.
    public init(
        _ severity: Severity,
        _ code: Code,
        at origin: ConfigurationOrigin,
        key: ConfigurationPath?,
        _ text: String,
        expected: String? = nil,
        found: String? = nil,
        nearest: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.origin = origin
        self.key = key
        self.text = text
        self.expected = expected
        self.found = found
        self.nearest = nearest
    }

    /// Whether it is why a whole file was not read.
    var isOfUnreadFile: Bool { severity == .error && key == nil && (code == .syntax || code == .unreadable) }

    /// Whether it is about `path`, what is in it or what that is in.
    func isOf(_ path: ConfigurationPath) -> Bool { key.map { $0.contains(path) || path.contains($0) } ?? false }

    /// `bridge.d/20-amqp.toml:12: to_amqp.zmq_endpoint: unknown key; did you mean zmq_endpoints?`
    public var description: String {
        var parts: [String] = []
        if origin != .builtIn { parts.append("\(origin)") }
        if let key { parts.append("\(key)") }
        return (parts + [text]).joined(separator: ": ")
    }
}

/// A configuration that cannot be used: every mistake in it.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The mistakes, in order of files and lines; at least one.
    public let diagnostics: [ConfigurationDiagnostic]

    /// An error of `diagnostics`.
    public init(_ diagnostics: [ConfigurationDiagnostic]) { self.diagnostics = diagnostics }

    /// One mistake a line.
    public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
