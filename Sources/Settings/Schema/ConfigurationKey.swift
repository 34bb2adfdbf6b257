/// A row of the schema: one key that files, environment, `config show` and the documentation know.
struct ConfigurationKey<Root: Sendable>: Sendable {
    /// Where it stands under `Root`.
    let path: ConfigurationPath
    /// What it takes, as it completes "expected …".
    let type: String
    /// How an environment variable writes it.
    let syntax: ConfigurationSyntax
    /// One sentence for an operator.
    let meaning: String
    /// Whether a later file's entries join an earlier one's instead of replacing them.
    let merges: Bool
    /// Reads a value into a `Root`, or reports what is wrong with it.
    let read: @Sendable (ConfigurationValue, inout Root, inout ConfigurationReader) -> Void
    /// The value in a `Root`; nil where it has none.
    let value: @Sendable (Root) -> ConfigurationValue?

    init<Value>(
        _ path: String,
        _ property: any WritableKeyPath<Root, Value> & Sendable,
        _ type: ConfigurationType<Value>,
        _ meaning: String
    ) {
        self.path = ConfigurationPath(dotted: path)
        self.type = type.name
        self.syntax = type.syntax
        self.meaning = meaning
        self.merges = type.merge != nil
        read = { value, root, reader in
            guard let read = type.read(value, &reader) else { return }
            root[keyPath: property] = type.merge?(root[keyPath: property], read) ?? read
        }
        value = { type.write($0[keyPath: property]) }
    }

    /// The environment variable that sets it.
    var variable: String {
        let names = path.components.map { component in
            if case .key(let name) = component { name.uppercased() } else { "" }
        }
        return ConfigurationEnvironment.prefix + names.joined(separator: "__")
    }
}

/// How the text of an environment variable becomes a value.
enum ConfigurationSyntax: Sendable {
    /// Text as it is.
    case text
    /// Text as it is, or a TOML array where it begins with a bracket.
    case textOrArray
    /// TOML: a number, a boolean, an array, an inline table.
    case toml
}
