/// Where a value came from.
public enum ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The built-in default.
    case builtIn
    /// A file as a whole.
    case path(String)
    /// A place in a file; lines and columns (in Unicode scalars) from 1.
    case file(String, line: Int, column: Int)
    /// An environment variable.
    case environment(String)

    /// `bridge.d/20-amqp.toml:12`, `$FEDMSG_BRIDGE_AMQP_URL` or `default`.
    public var description: String {
        switch self {
        case .builtIn: "default"
        case .path(let path): path
        case .file(let path, let line, _): "\(path):\(line)"
        case .environment(let name): "$\(name)"
        }
    }

    /// The file, where it is one.
    public var file: String? {
        switch self {
        case .path(let path), .file(let path, _, _): path
        case .builtIn, .environment: nil
        }
    }
}
