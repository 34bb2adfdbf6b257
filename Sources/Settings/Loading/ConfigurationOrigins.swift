/// Where each value in force came from.
public struct ConfigurationOrigins: Sendable, Equatable {
    private var origins: [ConfigurationPath: ConfigurationOrigin] = [:]

    /// The origin of the value at `path`, or of what it is part of; the built-in default where nothing set it.
    public subscript(path: ConfigurationPath) -> ConfigurationOrigin {
        var path: ConfigurationPath? = path
        while let current = path {
            if let origin = origins[current] { return origin }
            path = current.parent
        }
        return .builtIn
    }

    /// The origin of the value at a dotted path of bare keys: `to_amqp.exchange`.
    public subscript(key: String) -> ConfigurationOrigin { self[ConfigurationPath(dotted: key)] }

    /// Notes that `value` at `path`, and all in it, came from a source.
    mutating func set(
        _ value: ConfigurationValue,
        at path: ConfigurationPath,
        from locate: (ConfigurationPath) -> ConfigurationOrigin
    ) {
        origins[path] = locate(path)
        switch value {
        case .array(let elements):
            for (offset, element) in elements.enumerated() { set(element, at: path.index(offset), from: locate) }
        case .table(let entries):
            for (name, entry) in entries { set(entry, at: path.key(name), from: locate) }
        case .string, .int, .double, .bool: break
        }
    }

    /// Forgets `path` and all in it.
    mutating func remove(_ path: ConfigurationPath) {
        origins = origins.filter { !path.contains($0.key) }
    }
}
