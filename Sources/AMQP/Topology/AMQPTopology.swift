/// The exchanges, queues and bindings that have to be there. ``AMQPClient`` declares them at the start and again after
/// each reconnect, in this order.
public struct AMQPTopology: Sendable, Equatable {
    /// How exchanges and queues are declared. Bindings are made in any case: they have no passive form.
    public enum Mode: Sendable, Hashable {
        /// As the values say. One that exists otherwise is an error (406).
        case declare
        /// One that is there is taken as it is, which needs no right to configure; only a missing one is declared.
        case passiveFirst
        /// One that is missing is an error.
        case passiveOnly
    }

    /// Declared first. One that can't be declared keeps all publishers of ``AMQPClient`` waiting, for other exchanges too, but
    /// those on a channel of ``AMQPClient/withChannel(on:_:)``.
    public var exchanges: [AMQPExchange]
    /// Declared second.
    public var queues: [AMQPQueue]
    /// Made last.
    public var bindings: [AMQPBinding]
    /// How to declare.
    public var mode: Mode

    /// Creates a topology; an empty one by default.
    public init(
        exchanges: [AMQPExchange] = [],
        queues: [AMQPQueue] = [],
        bindings: [AMQPBinding] = [],
        mode: Mode = .declare
    ) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
        self.mode = mode
    }
}

extension AMQPTopology {
    /// One thing to declare.
    enum Entity: Sendable, Equatable {
        case exchange(AMQPExchange)
        case queue(AMQPQueue)
        case binding(AMQPBinding)
    }

    var entities: [Entity] {
        exchanges.map(Entity.exchange) + queues.map(Entity.queue) + bindings.map(Entity.binding)
    }

    /// Forgets a queue that was deleted, and the bindings that led to it.
    public mutating func removeQueue(_ name: String) {
        queues.removeAll { $0.name == name }
        bindings.removeAll { $0.destination == .queue(name) }
    }

    /// Forgets an exchange that was deleted, and the bindings from and to it.
    public mutating func removeExchange(_ name: String) {
        exchanges.removeAll { $0.name == name }
        bindings.removeAll { $0.source == name || $0.destination == .exchange(name) }
    }
}

extension AMQPTopology.Entity {
    var subject: AMQPSubject {
        switch self {
        case .exchange(let exchange): .exchange(exchange.name)
        case .queue(let queue): .queue(queue.name)
        case .binding(let binding):
            switch binding.destination {
            case .queue(let name), .exchange(let name):
                .binding(source: binding.source, destination: name, routingKey: binding.routingKey)
            }
        }
    }
}
