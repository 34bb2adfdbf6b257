extension ConfigurationType {
    /// A list of `type`, each element judged by itself.
    static func list<Element>(of type: ConfigurationType<Element>, _ name: String) -> Self where Value == [Element] {
        Self(
            name: name,
            read: { value, reader in
                guard case .array(let elements) = value else { return reader.mistake(name, value) }
                return reader.elements(elements) { type.read($0, &$1) }
            },
            write: { .array($0.compactMap(type.write)) }
        )
    }

    /// One of `type`, or a list of at least one; written as the former where there is one.
    static func oneOrMore<Element>(_ type: ConfigurationType<Element>) -> Self where Value == [Element] {
        let name = "\(type.name), or a list of them"
        return Self(
            name: name,
            syntax: .textOrArray,
            read: { value, reader in
                guard case .array(let elements) = value else { return type.read(value, &reader).map { [$0] } }
                guard !elements.isEmpty else { return reader.mistake(name, value) }
                return reader.elements(elements) { type.read($0, &$1) }
            },
            write: { values in
                let written = values.compactMap(type.write)
                return written.count == 1 ? written[0] : .array(written)
            }
        )
    }

    /// A table of named things, each read by `keys`, in order of names.
    static func tables<Element>(
        _ keys: [ConfigurationKey<Element>],
        named name: any WritableKeyPath<Element, String> & Sendable,
        _ make: @escaping @Sendable (String) -> Element
    ) -> Self where Value == [Element] {
        let type = "a table of tables"
        return Self(
            name: type,
            read: { value, reader in
                guard case .table(let entries) = value else { return reader.mistake(type, value) }
                return entries.sorted { $0.key < $1.key }.compactMap { entry in
                    reader.at(.key(entry.key)) { reader -> Element? in
                        guard ConfigurationReader.isAMQPName(entry.key) else {
                            reader.report(.badValue, "a name must have 1 to 255 bytes")
                            return nil
                        }
                        guard case .table(let table) = entry.value else {
                            return reader.mistake("a table", entry.value)
                        }
                        var element = make(entry.key)
                        reader.read(table, keys, into: &element)
                        return element
                    }
                }
            },
            write: { elements in
                let entries = elements.map { element in (element[keyPath: name], keys.table(of: element)) }
                return .table(Dictionary(entries, uniquingKeysWith: { $1 }))
            }
        )
    }
}

extension [ConfigurationKey<BridgeConfiguration.Binding>] {
    /// A list of bindings: `[[bindings]]`.
    var listType: ConfigurationType<[BridgeConfiguration.Binding]> {
        let name = "a list of tables ([[bindings]])"
        return ConfigurationType(
            name: name,
            read: { value, reader in
                guard case .array(let elements) = value else { return reader.mistake(name, value) }
                return reader.elements(elements) { value, reader in
                    guard case .table(let table) = value else { return reader.mistake("a table", value) }
                    var binding = BridgeConfiguration.Binding(queue: nil, exchange: "", routingKeys: [])
                    reader.read(table, self, into: &binding)
                    for key in ["exchange", "routing_keys"] where table[key] == nil {
                        reader.report(.missing, "\(key) is missing")
                    }
                    return binding
                }
            },
            write: { .array($0.map { self.table(of: $0) }) }
        )
    }
}

extension ConfigurationType<[String: ConfigurationValue]> {
    /// Any table, types kept: what AMQP takes as arguments.
    static var table: Self {
        Self(
            name: "a table",
            read: { value, reader in
                guard case .table(let entries) = value else { return reader.mistake("a table", value) }
                for name in entries.keys where name.utf8.count > 255 {
                    reader.at(.key(name)) { $0.report(.badValue, "AMQP takes names of at most 255 bytes") }
                }
                return entries
            },
            write: { .table($0) }
        )
    }
}

extension ConfigurationType<[String: [String]]> {
    /// fedmsg's routing policy: certificate names for each topic. Later files add topics and replace lists.
    static var routingPolicy: Self {
        let names = ConfigurationType<[String]>.list(of: .text(), "a list of certificate names")
        return Self(
            name: "a table of lists of certificate names",
            read: { value, reader in
                guard case .table(let entries) = value else {
                    return reader.mistake("a table of lists of certificate names", value)
                }
                var policy: [String: [String]] = [:]
                for (topic, value) in entries {
                    policy[topic] = reader.at(.key(topic)) { names.read(value, &$0) }
                }
                return policy
            },
            write: { .table($0.mapValues { .array($0.map { .string($0) }) }) },
            merge: { $0.merging($1) { $1 } }
        )
    }
}

extension Array {
    /// The table that `keys` write of `root`.
    func table<Root>(of root: Root) -> ConfigurationValue where Element == ConfigurationKey<Root> {
        var table: [String: ConfigurationValue] = [:]
        for key in self {
            if let name = key.path.lastKey { table[name] = key.value(root) }
        }
        return .table(table)
    }
}
