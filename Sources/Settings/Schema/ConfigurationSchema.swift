/// Every key of the configuration, in the order of the files as shipped.
///
/// Reading files, environment variables, suggestions, `config show` and the documentation all come from here.
enum ConfigurationSchema {
    /// Ours.
    static let keys: [ConfigurationKey<BridgeConfiguration>] =
        amqp + toAMQP + toFedmsg + crypto + spool + monitoring + log

    /// Top-level keys that a later file replaces whole, as fedora-messaging has them.
    static let replacedWhole: Set<String> = ["tls", "client_properties", "exchanges", "queues", "bindings", "qos"]

    private static let byPath = Dictionary(uniqueKeysWithValues: keys.map { ($0.path, $0) })

    private static let tables = Set(
        (keys.map(\.path) + peerKeys.map(\.path)).flatMap { path in
            path.components.indices.dropFirst().map { ConfigurationPath(Array(path.components[..<$0])) }
        }
    )

    /// The key at `path`.
    static func key(at path: ConfigurationPath) -> ConfigurationKey<BridgeConfiguration>? { byPath[path] }

    /// Whether `path` is a table that keys stand in.
    static func isTable(_ path: ConfigurationPath) -> Bool { tables.contains(path) }

    /// The key or table that was probably meant by the unknown `path`, as it would be written there.
    ///
    /// Neighbours come first; then, for a key written in the wrong table, its full path.
    static func nearest(to path: ConfigurationPath) -> String? {
        guard let name = path.lastKey, let parent = path.parent else { return nil }
        let paths = keys.map(\.path) + peerKeys.map(\.path) + Array(tables)
        let neighbours = Set(paths.filter { $0.parent == parent }.compactMap(\.lastKey))
        if let neighbour = Suggestion.nearest(to: name, among: neighbours) { return neighbour }
        if let elsewhere = keys.first(where: { $0.path.lastKey == name }) { return elsewhere.path.description }
        let names = Set(keys.compactMap(\.path.lastKey)).filter { $0.count > 4 }
        guard let similar = Suggestion.nearest(to: name, among: names) else { return nil }
        return keys.first { $0.path.lastKey == similar }?.path.description
    }
}
