/// What an error or an event is about.
public enum AMQPSubject: Sendable, Hashable {
    /// An exchange, by name.
    case exchange(String)
    /// A queue, by name; empty where the broker was to choose one.
    case queue(String)
    /// A binding from an exchange to a queue or to another exchange.
    case binding(source: String, destination: String, routingKey: String)
    /// A consumer, by tag.
    case consumer(String)
    /// A channel, by number.
    case channel(UInt16)
    /// A file on this machine.
    case file(String)
    /// A parameter of a URI, or the part of it that is meant.
    case uriPart(String)
}

extension AMQPSubject: CustomStringConvertible {
    /// As a log line says it: `queue 'orders'`.
    public var description: String {
        switch self {
        case .exchange(let name): "exchange '\(name)'"
        case .queue(let name): name.isEmpty ? "server-named queue" : "queue '\(name)'"
        case .binding(let source, let destination, let routingKey):
            "binding '\(source)' → '\(destination)' with '\(routingKey)'"
        case .consumer(let tag): "consumer '\(tag)'"
        case .channel(let number): "channel \(number)"
        case .file(let path): "file \(path)"
        case .uriPart(let name): "URI's \(name)"
        }
    }
}
