internal import Logging

extension RecoveringConnection {
    /// Declares everything on a new connection. What fails is told, and tried again with back-off while the connection
    /// lasts.
    func declareTopology(on connection: AMQPConnection) async {
        lastDeclaration += 1
        let declaration = lastDeclaration
        var topology = TopologyMachine(declarable, serverNames: serverNames)
        await carryOut(&topology, on: connection)
        // One that began later, perhaps with another topology, has the last word.
        guard self.connection === connection, declaration == lastDeclaration else { return }
        report(topology)
        endQuarantineLater()
        guard !topology.failures.isEmpty else { return }
        retry(topology, on: connection)
    }

    /// The topology without what is left out for now.
    var declarable: AMQPTopology { topology.without(quarantined.map(\.entity)) }

    /// Declares everything again on the connection at hand, as when something was deleted under it: also what is not tried
    /// again by itself beside something that fails.
    func redeclare() async {
        topologyRetry?.cancel()
        topologyRetry = nil
        // One that is being set up sees to it when it is done.
        guard isOpen, let connection else { return }
        // A task of its own: a caller that is cancelled would leave all undone, and nobody to try again.
        await Task { await declareTopology(on: connection) }.value
        resumeWaiters()
    }

    /// A publish found an exchange missing. One that is nobody's to declare is not looked for: who errs in its name goes on.
    func restore(_ exchange: String) async {
        let isOurs = names(exchange)
        if isOurs { await redeclare() }
        exchangeWasMissing(isOurs ? .declaredAgain : .foreign(exchange))
    }

    /// The publishing connection found an exchange missing: bindings from it and to it are gone too, and it may be this
    /// connection's to declare.
    func rebind(after missing: MissingExchange) async {
        guard !isRebinding, !topology.bindings.isEmpty else { return }
        if case .foreign(let exchange) = missing, !names(exchange) { return }
        isRebinding = true
        await redeclare()
        isRebinding = false
    }

    private func names(_ exchange: String) -> Bool {
        topology.exchanges.contains { $0.name == exchange }
            || topology.bindings.contains { $0.source == exchange || $0.destination == .exchange(exchange) }
    }

    /// Forgets what was deleted, also where it could not be declared: nobody waits for it any more, nor is it tried again.
    func forget(_ remove: (inout AMQPTopology) -> Void) async {
        remove(&topology)
        remove(&resting)
        await dropForgotten()
    }

    private func dropForgotten() async {
        let entities = topology.entities
        quarantined.removeAll { !entities.contains($0.entity) }
        if missing.contains(where: { !entities.contains($0) }) {
            await redeclare()
        } else {
            resumeWaiters()
        }
    }

    /// With its last consumer an auto-delete queue is gone. Declared again without one, it would only fill.
    func forgetAutoDeleteQueue(_ name: String) {
        guard topology.queues.contains(where: { $0.name == name && $0.autoDelete }) else { return }
        let (queues, bindings) = topology.parts(of: name)
        topology.removeQueue(name)
        // At once, for whoever wakes it meanwhile.
        resting.removeQueue(name)
        resting.queues += queues
        resting.bindings += bindings
        // Whoever has stopped the consumer does not wait for what else is to be declared.
        Task { await dropForgotten() }
    }

    /// Somebody is going to consume from a queue, which may have been deleted with its last consumer.
    func wake(queue name: String) async {
        let (queues, bindings) = resting.parts(of: name)
        guard !queues.isEmpty else { return }
        resting.removeQueue(name)
        topology.queues += queues
        topology.bindings += bindings
        await redeclare()
    }

    /// The name of a queue on the wire, where it may be the alias of one that the broker named.
    func wireName(of queue: String) -> String {
        serverNames[queue] ?? queue
    }

    /// What ended a connection as it was declared would end the next one too, and so on for ever. After another loss, or a
    /// while, it gets another chance: the broker may have been mended.
    func quarantineCulprit(of error: AMQPError) {
        guard let entity = declaring, error.code == .connectionClosedByBroker, error.reply?.condemnsDeclaration == true
        else {
            quarantined = []
            declaring = nil
            return
        }
        declaring = nil
        let failure = AMQPError(
            .topologyFailed,
            "declaring \(entity.subject) ended the connection; it is left out for now, and declared again later",
            reply: error.reply,
            subject: entity.subject,
            underlying: error
        )
        logger.error("topology failed", metadata: [LogKey.error: "\(failure)"])
        quarantined.append((entity, failure))
    }

    /// Nothing else may ever end a connection that works, nor tell that what is left out could be declared by now.
    private func endQuarantineLater() {
        guard !quarantined.isEmpty, quarantineEnd == nil else { return }
        // Half of it at least: each time may cost a connection.
        let bound = quarantineBackoff.bound
        let wait = (bound + quarantineBackoff.next(using: &random)) / 2
        quarantineEnd = Task {
            try? await environment.sleep(wait)
            guard !Task.isCancelled else { return }
            // All of it may have left the topology meanwhile.
            guard !quarantined.isEmpty else {
                quarantineEnd = nil
                return
            }
            // What was on its way would have to go out again where this ends the connection.
            await drain(within: configuration.closeTimeout)
            if !Task.isCancelled {
                quarantineEnd = nil
                // Nobody takes them for declared meanwhile.
                missing += quarantined.map(\.entity)
                quarantined = []
                await redeclare()
            }
            resume()
        }
    }

    /// Replaces the topology; what it has is declared at once where there is a connection.
    func setTopology(_ topology: AMQPTopology) async {
        replaceTopology(topology)
        await redeclare()
    }

    func replaceTopology(_ topology: AMQPTopology) {
        self.topology = topology
        quarantined = []
        resting = AMQPTopology()
    }

    /// Whether a queue is declared as a stream, or not as anything.
    func mayBeStream(_ queue: String) -> Bool {
        let kind = topology.queues.first { $0.name == queue }?.arguments.kind
        return kind == nil || kind == .stream
    }

    private func retry(_ topology: TopologyMachine, on connection: AMQPConnection) {
        topologyRetry?.cancel()
        topologyRetry = Task {
            var backoff = Backoff(policy: configuration.recovery)
            var topology = topology
            while !topology.failures.isEmpty {
                try? await environment.sleep(backoff.next(using: &random))
                guard !Task.isCancelled, self.connection === connection else { return }
                topology = topology.retry
                await carryOut(&topology, on: connection)
                guard !Task.isCancelled, self.connection === connection else { return }
                report(topology)
                resumeWaiters()
            }
            topologyRetry = nil
        }
    }

    private func report(_ topology: TopologyMachine) {
        missing = topology.failures.map(\.entity) + topology.skipped
        for (alias, name) in topology.serverNames.sorted(by: { $0.key < $1.key }) where serverNames[alias] != name {
            serverNames[alias] = name
            emit(.queueNamed(alias: alias, name: name))
        }
        for failure in topology.failures {
            logger.error("topology failed", metadata: [LogKey.error: "\(failure.error)"])
            emit(.topologyFailed(role, failure.entity.subject, failure.error))
        }
        for (entity, failure) in quarantined { emit(.topologyFailed(role, entity.subject, failure)) }
        guard missing.isEmpty, quarantined.isEmpty else { return }
        quarantineBackoff.reset()
        emit(.topologyDeclared(role))
    }

    /// A refusal closes the channel, and the next step gets a new one.
    private func carryOut(_ topology: inout TopologyMachine, on connection: AMQPConnection) async {
        var channel: AMQPChannel?
        var isCancelled = false
        while true {
            let step = topology.next()
            guard step != .finished else { break }
            let entity = topology.current
            declaring = entity
            do throws(AMQPError) {
                let open = if let channel { channel } else { try await connection.openChannel(confirms: false) }
                channel = open
                topology.succeeded(queueName: try await carryOut(step, on: open))
            } catch {
                // The broker closed it, as a rule; where it did not, the channel is not left behind.
                let abandoned = channel
                Task { try? await abandoned?.close() }
                channel = nil
                // With the connection went the reason to go on; what was under way is no failure of its own.
                let isLost = await connection.failure != nil
                guard self.connection === connection, !isLost else { return }
                isCancelled = Task.isCancelled
                if !isCancelled { topology.failed(error) }
            }
            // Somebody else may be declaring another one by now.
            if declaring == entity { declaring = nil }
            if isCancelled { return }
        }
        try? await channel?.close()
    }

    private func carryOut(_ step: TopologyMachine.Step, on channel: AMQPChannel) async throws(AMQPError) -> String? {
        switch step {
        case .declareExchange(let exchange, let passive): try await channel.declare(exchange, passive: passive)
        case .declareQueue(let queue, let passive): return try await channel.declare(queue, passive: passive).name
        case .bind(let binding): try await channel.bind(binding)
        case .finished: break
        }
        return nil
    }
}

extension AMQPReply {
    /// Whether it is about a declaration, which would end the next connection too. A limit of channels is about none.
    fileprivate var condemnsDeclaration: Bool {
        guard code != .connectionForced else { return false }
        let declarations = [
            Method.Exchange.Declare.id, Method.Exchange.Bind.id, Method.Queue.Declare.id, Method.Queue.Bind.id,
        ]
        return declarations.contains(MethodID(classID: classID, methodID: methodID))
    }
}

extension AMQPTopology {
    /// A queue, and what leads to it.
    fileprivate func parts(of queue: String) -> ([AMQPQueue], [AMQPBinding]) {
        (queues.filter { $0.name == queue }, bindings.filter { $0.destination == .queue(queue) })
    }

    fileprivate func without(_ entities: [Entity]) -> AMQPTopology {
        var rest = self
        for entity in entities {
            switch entity {
            case .exchange(let exchange): rest.removeExchange(exchange.name)
            case .queue(let queue): rest.removeQueue(queue.name)
            case .binding(let binding): rest.bindings.removeAll { $0 == binding }
            }
        }
        return rest
    }
}
