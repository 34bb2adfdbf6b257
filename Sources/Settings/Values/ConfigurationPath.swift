/// Where a value stands: `to_amqp.zmq_endpoints[1]`, `exchanges."zmq.topic".type`.
public struct ConfigurationPath: Sendable, Hashable, CustomStringConvertible {
    /// One step of a path.
    public enum Component: Sendable, Hashable {
        /// A key of a table.
        case key(String)
        /// An element of an array, from 0.
        case index(Int)
    }

    /// The steps from the file's top level.
    public var components: [Component]

    /// A path of `components`; none for the top level.
    public init(_ components: [Component] = []) { self.components = components }

    /// A path of plain keys, from its dotted text.
    public init(dotted text: String) {
        components = text.split(separator: ".").map { .key(String($0)) }
    }

    /// The path of an entry of the table here.
    public func key(_ name: String) -> ConfigurationPath { ConfigurationPath(components + [.key(name)]) }

    /// The path of an element of the array here.
    public func index(_ index: Int) -> ConfigurationPath { ConfigurationPath(components + [.index(index)]) }

    /// The path without its last step; nil at the top level.
    public var parent: ConfigurationPath? {
        components.isEmpty ? nil : ConfigurationPath(Array(components.dropLast()))
    }

    /// The key that the path begins with; nil at the top level.
    public var firstKey: String? {
        if case .key(let name)? = components.first { name } else { nil }
    }

    /// The key that the path ends with; nil at the top level and for an element.
    public var lastKey: String? {
        if case .key(let name)? = components.last { name } else { nil }
    }

    /// Whether `other` is this path or one below.
    public func contains(_ other: ConfigurationPath) -> Bool { other.components.starts(with: components) }

    /// The path as TOML writes a dotted key, elements as `[0]`.
    public var description: String {
        var text = ""
        for component in components {
            switch component {
            case .key(let name): text += (text.isEmpty ? "" : ".") + TOMLText.key(name)
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
