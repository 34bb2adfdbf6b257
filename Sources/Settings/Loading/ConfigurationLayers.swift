/// Lays files and environment over the defaults, one after the other.
struct ConfigurationLayers {
    private(set) var configuration = BridgeConfiguration()
    private(set) var origins = ConfigurationOrigins()
    private(set) var diagnostics: [ConfigurationDiagnostic] = []
    /// Elements of lists, as written in the last source of each, that could not be read.
    private(set) var omitted: Set<ConfigurationPath> = []

    /// Values of peers' keys that act as ours, by our key.
    private var peerValues: [ConfigurationPath: PeerValue] = [:]

    private struct PeerValue {
        let key: PeerKey
        let value: ConfigurationValue
        let origin: ConfigurationOrigin
    }

    /// systemd's folder for the state of a service, where it sets one.
    mutating func applyStateDirectory(_ environment: [String: String]) {
        guard let folder = environment["STATE_DIRECTORY"]?.split(separator: ":").first else { return }
        configuration.spool.path = "\(folder)/spool.sqlite"
        origins.set(.string(configuration.spool.path), at: ConfigurationPath(dotted: "spool.path")) { _ in
            .environment("STATE_DIRECTORY")
        }
    }

    mutating func apply(_ document: TOMLDocument, file: String) {
        // The peers take names at the top in any case.
        let names = Dictionary(grouping: document.root.keys.sorted()) { $0.lowercased() }
        var reader = ConfigurationReader { path in
            var written = path
            if let name = path.firstKey.flatMap({ names[$0]?.first }) { written.components[0] = .key(name) }
            let position = document.index.position(of: written)
            return .file(file, line: position.line, column: position.column)
        }
        var root: [String: ConfigurationValue] = [:]
        for (name, written) in names {
            replaceWhole(name)
            root[name] = document.root[written[0]]
            guard written.count > 1 else { continue }
            let listed = written.map { TOMLText.key($0) }.joined(separator: " and ")
            reader.at(.key(name)) { $0.report(.conflict, "\(listed) are the same key") }
        }
        walk(root, at: ConfigurationPath(), &reader, isPeers: false)
        diagnostics += reader.diagnostics
    }

    /// Takes peers' values for keys that no file has set. After the last file.
    mutating func applyPeerValues() {
        for (path, peer) in peerValues {
            guard origins[path] == .builtIn, let key = ConfigurationSchema.key(at: path) else {
                append(.unused, peer.key.path, peer.origin, "no effect: \(peer.key.reason)")
                continue
            }
            var reader = ConfigurationReader { _ in peer.origin }
            for component in peer.key.path.components { reader.descend(component) }
            read(peer.value, key, &reader)
            diagnostics += reader.diagnostics
        }
    }

    mutating func apply(environment: [String: String]) {
        for key in ConfigurationSchema.keys {
            guard let text = environment[key.variable] else { continue }
            var reader = ConfigurationReader { _ in .environment(key.variable) }
            for component in key.path.components { reader.descend(component) }
            if let value = ConfigurationEnvironment.value(of: text, key.syntax) {
                read(value, key, &reader)
            } else {
                let _: Void? = reader.mistake(key.type, .string(text))
            }
            diagnostics += reader.diagnostics
        }
        diagnostics += ConfigurationEnvironment.unknown(in: environment)
    }

    /// Gives bindings without a queue the one queue in force. After the environment.
    mutating func resolveBindings() {
        // The built-in binding follows the queues where only these are replaced.
        if origins["bindings"] == .builtIn {
            for index in configuration.bindings.indices { configuration.bindings[index].queue = nil }
        }
        guard configuration.queues.count == 1, let queue = configuration.queues.first else { return }
        for index in configuration.bindings.indices where configuration.bindings[index].queue == nil {
            configuration.bindings[index].queue = queue.name
        }
    }

    /// Leaves each endpoint and each topic in its first place alone. After the rules, which name the other places.
    mutating func dropRepeated() {
        for list in [\BridgeConfiguration.ToAMQP.zmqEndpoints, \.topics] {
            var seen: Set<String> = []
            configuration.toAMQP[keyPath: list].removeAll { !seen.insert($0).inserted }
        }
    }

    private mutating func walk(
        _ table: [String: ConfigurationValue],
        at path: ConfigurationPath,
        _ reader: inout ConfigurationReader,
        isPeers: Bool
    ) {
        for (name, value) in table {
            let path = path.key(name)
            reader.descend(.key(name))
            defer { reader.ascend() }
            if let key = ConfigurationSchema.key(at: path) {
                read(value, key, &reader)
            } else if let peer = ConfigurationSchema.peerKey(at: path), let target = peer.actsAs {
                peerValues[target] = PeerValue(key: peer, value: value, origin: reader.locate(path))
            } else {
                let peer = ConfigurationSchema.peerKey(at: path)
                if ConfigurationSchema.isTable(path), case .table(let entries) = value {
                    walk(entries, at: path, &reader, isPeers: peer != nil)
                } else if let peer {
                    append(.unused, path, reader.locate(path), "no effect: \(peer.reason)")
                } else if isPeers {
                    append(.unused, path, reader.locate(path), "no effect")
                } else if ConfigurationSchema.isTable(path) {
                    let _: Void? = reader.mistake("a table", value)
                } else {
                    reader.unknownKey(nearest: ConfigurationSchema.nearest(to: path))
                }
            }
        }
    }

    /// Reads a value for `key`, standing where `reader` stands.
    private mutating func read(
        _ value: ConfigurationValue,
        _ key: ConfigurationKey<BridgeConfiguration>,
        _ reader: inout ConfigurationReader
    ) {
        key.read(value, &configuration, &reader)
        if !key.merges { origins.remove(key.path) }
        let source = reader.path
        origins.set(value, at: key.path) { path in
            reader.locate(ConfigurationPath(source.components + path.components.dropFirst(key.path.components.count)))
        }
        omitted = omitted.filter { !key.path.contains($0) }
        for path in reader.omitted where source.contains(path) {
            omitted.insert(ConfigurationPath(key.path.components + path.components.dropFirst(source.components.count)))
        }
    }

    private mutating func replaceWhole(_ name: String) {
        guard ConfigurationSchema.replacedWhole.contains(name) else { return }
        origins.remove(ConfigurationPath([.key(name)]))
        // The others are one key each, whose value replaces the earlier one anyway.
        switch name {
        case "tls": configuration.tls = BridgeConfiguration.TLS()
        case "qos": configuration.qos = BridgeConfiguration.QoS()
        default: break
        }
    }

    private mutating func append(
        _ severity: ConfigurationDiagnostic.Severity,
        _ path: ConfigurationPath,
        _ origin: ConfigurationOrigin,
        _ text: String
    ) {
        diagnostics.append(ConfigurationDiagnostic(severity, .unused, at: origin, key: path, text))
    }
}
