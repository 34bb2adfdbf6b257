extension AMQPClient {
    /// Replaces what both connections declare. What is new is declared at once; what is not there any more stays on the
    /// broker, and is not declared again.
    public func setTopology(_ topology: AMQPTopology) async {
        await setTopology(topology.shareable, on: .publishing)
        await setTopology(topology, on: .consuming)
    }

    /// As ``setTopology(_:)``, of one connection alone: nobody waits for the other one, which the broker may have blocked.
    /// One that the client does not have declares nothing.
    public func setTopology(_ topology: AMQPTopology, on role: AMQPConnectionRole) async {
        await connections.first { $0.role == role }?.setTopology(topology)
    }

    /// Deletes a queue, and forgets it with its bindings; without a condition, also where the broker refuses.
    ///
    /// - Parameters:
    ///   - name: its name, or the alias of one that the broker names.
    ///   - ifUnused: whether it stays, and is not forgotten, where it has consumers.
    ///   - ifEmpty: whether it stays, and is not forgotten, where it has messages.
    /// - Returns: how many messages went with it.
    /// - Throws: ``AMQPError`` where the broker refuses.
    @discardableResult
    public func deleteQueue(
        _ name: String,
        ifUnused: Bool = false,
        ifEmpty: Bool = false
    ) async throws(AMQPError) -> Int {
        let wireName = try await connection(of: deletingRole).wireName(of: name)
        let isConditional = ifUnused || ifEmpty
        if !isConditional { await forget { $0.removeQueue(name) } }
        let count = try await openChannel(on: deletingRole).closed { channel throws(AMQPError) in
            try await channel.deleteQueue(wireName, ifUnused: ifUnused, ifEmpty: ifEmpty)
        }
        if isConditional { await forget { $0.removeQueue(name) } }
        return count
    }

    /// Deletes an exchange, and forgets it with its bindings; without a condition, also where the broker refuses.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - ifUnused: whether it stays, and is not forgotten, where something is bound to it.
    /// - Throws: ``AMQPError`` where the broker refuses.
    public func deleteExchange(_ name: String, ifUnused: Bool = false) async throws(AMQPError) {
        if !ifUnused { await forget { $0.removeExchange(name) } }
        try await openChannel(on: deletingRole).closed { channel throws(AMQPError) in
            try await channel.deleteExchange(name, ifUnused: ifUnused)
        }
        if ifUnused { await forget { $0.removeExchange(name) } }
    }

    private func forget(_ change: @Sendable (inout AMQPTopology) -> Void) async {
        for connection in connections { await connection.forget(change) }
    }

    private var deletingRole: AMQPConnectionRole { consuming == nil ? .publishing : .consuming }
}

extension AMQPTopology {
    /// What a connection can declare for others: no queue of its own, and nothing that leads to one.
    var shareable: AMQPTopology {
        var shareable = self
        for queue in queues where queue.exclusive || queue.isServerNamed {
            shareable.removeQueue(queue.name)
        }
        return shareable
    }
}
