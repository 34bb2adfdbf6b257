/// An exchange as it should be. Durable by default.
public struct AMQPExchange: Sendable, Equatable {
    /// How an exchange routes.
    public enum Kind: Sendable, Hashable {
        /// By equal routing keys.
        case direct
        /// To every queue that is bound.
        case fanout
        /// By words and the wildcards `*` and `#`.
        case topic
        /// By headers.
        case headers
        /// A plug-in's, as `x-delayed-message`.
        case other(String)
    }

    /// At most 255 bytes of UTF-8. Names that begin with `amq.` are the broker's.
    public var name: String
    /// How it routes.
    public var kind: Kind
    /// Whether it outlives the broker.
    public var durable: Bool
    /// Whether it goes with its last binding.
    public var autoDelete: Bool
    /// Whether only other exchanges may publish to it.
    public var isInternal: Bool
    /// What the specification calls arguments, as `alternate-exchange`.
    public var arguments: AMQPTable
    /// Whether somebody else makes it: it is looked for by its name and never declared, whatever the topology's mode. One that is
    /// missing is an error.
    public let isExpected: Bool

    /// Creates a value; nothing is declared by it.
    public init(
        _ name: String,
        kind: Kind = .topic,
        durable: Bool = true,
        autoDelete: Bool = false,
        isInternal: Bool = false,
        arguments: AMQPTable = [:],
        isExpected: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.durable = durable
        self.autoDelete = autoDelete
        self.isInternal = isInternal
        self.arguments = arguments
        self.isExpected = isExpected
    }

    /// Where messages go that no queue here takes; nil for none.
    public var alternateExchange: String? {
        get { arguments["alternate-exchange"]?.text }
        set { arguments["alternate-exchange"] = newValue.map { .longString($0) } }
    }
}

extension AMQPExchange.Kind {
    /// The kind of this name on the wire.
    public init(name: String) {
        switch name {
        case "direct": self = .direct
        case "fanout": self = .fanout
        case "topic": self = .topic
        case "headers": self = .headers
        default: self = .other(name)
        }
    }

    /// The name on the wire.
    public var name: String {
        switch self {
        case .direct: "direct"
        case .fanout: "fanout"
        case .topic: "topic"
        case .headers: "headers"
        case .other(let name): name
        }
    }
}
