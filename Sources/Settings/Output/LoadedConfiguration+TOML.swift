extension LoadedConfiguration {
    /// The configuration in force as one TOML file, which reads as the same configuration: `config show`.
    ///
    /// - Parameters:
    ///   - masked: Whether secrets, passwords in URLs too, are written as `***`.
    ///   - origins: Whether a comment says where each value came from.
    public func toml(masked: Bool = true, origins showsOrigins: Bool = false) -> String {
        configuration.toml(masked: masked, origins: showsOrigins ? origins : nil)
    }
}

extension BridgeConfiguration {
    /// As one TOML file, which reads as the same configuration.
    ///
    /// - Parameters:
    ///   - masked: Whether secrets, passwords in URLs too, are written as `***`.
    ///   - origins: Where each value came from, for a comment that says so.
    public func toml(masked: Bool = true, origins: ConfigurationOrigins? = nil) -> String {
        var writer = TOMLWriter(masked: masked, origins: origins)
        let values = ConfigurationSchema.keys.map { ($0.path, $0.value(self)) }
        // What belongs to no table comes first: after a table's header there is no way back.
        for (path, value) in values where path.components.count == 1 && !TOMLWriter.needsHeader(value) {
            writer.entry(path, value)
        }
        for (path, value) in values where path.components.count > 1 || TOMLWriter.needsHeader(value) {
            writer.key(path, value)
        }
        return writer.text
    }
}

/// Writes keys under the headers of their tables.
private struct TOMLWriter {
    private(set) var text = ""
    private let masked: Bool
    private let origins: ConfigurationOrigins?
    private var table = ConfigurationPath()

    /// Its keys are topics, and say nothing of what a value is.
    private static let policy = ConfigurationPath(dotted: "crypto.routing_policy")

    init(masked: Bool, origins: ConfigurationOrigins?) {
        self.masked = masked
        self.origins = origins
    }

    /// Whether a value is written as a table of its own, or as several.
    static func needsHeader(_ value: ConfigurationValue?) -> Bool {
        switch value {
        case .table: true
        case .array(let elements): !elements.isEmpty && elements.allSatisfy { needsHeader($0) }
        default: false
        }
    }

    mutating func key(_ path: ConfigurationPath, _ value: ConfigurationValue?) {
        switch value {
        case .table(let entries): tables(path, entries)
        case .array(let elements) where Self.needsHeader(value):
            for (offset, element) in elements.enumerated() {
                guard case .table(let entries) = element else { continue }
                header("[[\(path)]]")
                lines(entries, in: path.index(offset))
            }
        default:
            if let parent = path.parent, parent != table { header("[\(parent)]") }
            table = path.parent ?? table
            entry(path, value)
        }
    }

    /// One line; a comment where there is no value.
    mutating func entry(_ path: ConfigurationPath, _ value: ConfigurationValue?) {
        guard let name = path.lastKey else { return }
        guard let value else {
            text += "# \(TOMLText.key(name)) is not set\n"
            return
        }
        let shown = masked && !Self.policy.contains(path) ? value.masked(as: name) : value
        text += "\(TOMLText.key(name)) = \(TOMLText.value(shown))"
        if let origins { text += "  # \(TOMLText.comment("\(origins[path])"))" }
        text += "\n"
    }

    private mutating func tables(_ path: ConfigurationPath, _ entries: [String: ConfigurationValue]) {
        if !entries.isEmpty && entries.values.allSatisfy({ Self.needsHeader($0) }) {
            for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
                guard case .table(let table) = entry else { continue }
                header("[\(path.key(name))]")
                lines(table, in: path.key(name))
            }
        } else {
            header("[\(path)]")
            lines(entries, in: path)
        }
    }

    private mutating func lines(_ entries: [String: ConfigurationValue], in path: ConfigurationPath) {
        table = path
        for (name, value) in entries.sorted(by: { $0.key < $1.key }) { entry(path.key(name), value) }
    }

    private mutating func header(_ header: String) {
        text += (text.isEmpty ? "" : "\n") + header + "\n"
    }
}

extension ConfigurationValue {
    /// The value with passwords in URLs, and what stands under the name of a secret, as `***`.
    func masked(as name: String = "") -> ConfigurationValue {
        let name = name.lowercased()
        if ["password", "passwd", "secret", "token"].contains(where: { name.contains($0) }) { return "***" }
        return switch self {
        case .string(let text): .string(BrokerURL.masked(text))
        case .array(let elements): .array(elements.map { $0.masked() })
        case .table(let entries): .table(Dictionary(uniqueKeysWithValues: entries.map { ($0, $1.masked(as: $0)) }))
        case .int, .double, .bool: self
        }
    }
}
