/// Declares a topology step by step: one step out, its result in.
///
/// What fails is kept with its error, what depends on it is left out, and the rest goes on: one bad entry must not
/// keep the others away. The failed ones can be tried again on the same connection.
struct TopologyMachine {
    typealias Entity = AMQPTopology.Entity

    /// What is expected is looked for whether or not the step is passive.
    enum Step: Equatable {
        case declareExchange(AMQPExchange, passive: Bool)
        /// The name is empty where the broker is to choose it.
        case declareQueue(AMQPQueue, passive: Bool)
        /// Names are the broker's, aliases resolved.
        case bind(AMQPBinding)
        case finished
    }

    struct Failure {
        var entity: Entity
        var error: AMQPError
    }

    private let mode: AMQPTopology.Mode
    private var remaining: ArraySlice<Entity>
    /// Whether the passive form of the entity at hand was answered with 404.
    private var isMissing = false

    /// What could not be declared, in order, without what was left out because of it.
    private(set) var failures: [Failure] = []
    /// What was left out, in order, as it depends on something that failed.
    private(set) var skipped: [Entity] = []
    /// The names that the broker chose on this connection, by alias.
    private(set) var serverNames: [String: String]

    /// - Parameter serverNames: what the broker has named on this connection, by alias.
    init(_ topology: AMQPTopology, serverNames: [String: String] = [:]) {
        self.init(topology.entities, mode: topology.mode, serverNames: serverNames)
    }

    private init(_ entities: [Entity], mode: AMQPTopology.Mode, serverNames: [String: String]) {
        self.mode = mode
        self.serverNames = serverNames
        remaining = entities[...]
    }

    /// Another try at what failed and what was left out.
    var retry: TopologyMachine {
        TopologyMachine(failures.map(\.entity) + skipped, mode: mode, serverNames: serverNames)
    }

    /// What the step at hand is about.
    var current: Entity? { remaining.first }

    /// The same step until its result came.
    mutating func next() -> Step {
        while let entity = remaining.first {
            switch entity {
            case .exchange(let exchange):
                return .declareExchange(exchange, passive: isPassive)
            case .queue(let queue):
                if let name = knownName(of: queue) { return .declareQueue(AMQPQueue(name), passive: true) }
                // A queue that the broker is to name can't be there already.
                return .declareQueue(queue, passive: isPassive && !queue.isServerNamed)
            case .binding(let binding) where dependsOnFailure(binding):
                skipped.append(entity)
                remaining.removeFirst()
            case .binding(let binding):
                return .bind(resolved(binding))
            }
        }
        return .finished
    }

    /// `queueName` is what declare-ok said, for a queue.
    mutating func succeeded(queueName: String? = nil) {
        if case .queue(let queue) = remaining.first, queue.isServerNamed, let queueName {
            serverNames[queue.name] = queueName
        }
        finishEntity()
    }

    /// A missing entity that was looked for passively is declared next, where the mode lets it; anything else failed.
    mutating func failed(_ error: AMQPError) {
        guard let entity = remaining.first else { return }
        if case .queue(let queue) = entity, knownName(of: queue) != nil, entity.isMissing(by: error) {
            serverNames[queue.name] = nil
            return
        }
        if isPassive, mode == .passiveFirst, entity.isMissing(by: error) {
            isMissing = true
            return
        }
        failures.append(Failure(entity: entity, error: entity.failure(error)))
        finishEntity()
    }

    private func knownName(of queue: AMQPQueue) -> String? {
        queue.isServerNamed ? serverNames[queue.name] : nil
    }

    private var isPassive: Bool { mode != .declare && !isMissing }

    private mutating func finishEntity() {
        isMissing = false
        remaining.removeFirst()
    }

    private func dependsOnFailure(_ binding: AMQPBinding) -> Bool {
        failures.contains { failure in
            switch failure.entity {
            case .exchange(let exchange):
                exchange.name == binding.source || .exchange(exchange.name) == binding.destination
            case .queue(let queue): .queue(queue.name) == binding.destination
            case .binding: false
            }
        }
    }

    private func resolved(_ binding: AMQPBinding) -> AMQPBinding {
        guard case .queue(let alias) = binding.destination, let name = serverNames[alias] else { return binding }
        var resolved = binding
        resolved.destination = .queue(name)
        return resolved
    }
}

extension AMQPTopology.Entity {
    /// Whether it is not there, and is none that somebody else makes.
    fileprivate func isMissing(by error: AMQPError) -> Bool {
        switch (self, error.reply?.cause) {
        case (.exchange(let exchange), .exchangeMissing): !exchange.isExpected
        case (.queue(let queue), .queueMissing): !queue.isExpected
        default: false
        }
    }

    fileprivate func failure(_ error: AMQPError) -> AMQPError {
        AMQPError(
            .topologyFailed,
            "\(subject) could not be declared",
            reply: error.reply,
            subject: subject,
            endpoint: error.endpoint,
            underlying: error
        )
    }
}
