extension AMQPClient {
    /// Replaces what both connections declare. What is new is declared at once; what is not there any more stays on the
    /// broker, and is not declared again.
    public func setTopology(_ topology: AMQPTopology) async {
        await setTopology(topology.shareable, on: .publishing)
        await setTopology(topology, on: .consuming)
    }

    /// As ``setTopology(_:)``, of one connection alone: nobody waits for the other one, which the broker may have blocked.
    public func setTopology(_ topology: AMQPTopology, on role: AMQPConnectionRole) async {
        switch role {
        case .publishing: await publishing?.setTopology(topology)
        case .consuming: await consuming?.setTopology(topology)
        }
    }

    /// Deletes a queue, and forgets it with its bindings.
    ///
    /// - Parameter name: its name, or the alias of one that the broker names.
    /// - Throws: ``AMQPError`` where the broker refuses.
    public func deleteQueue(_ name: String) async throws {
        let wireName = await (consuming ?? publishing)?.wireName(of: name) ?? name
        for connection in [publishing, consuming] { await connection?.forget { $0.removeQueue(name) } }
        try await withChannel(on: consuming == nil ? .publishing : .consuming) { channel in
            _ = try await channel.deleteQueue(wireName)
        }
    }

    /// Deletes an exchange, and forgets it with its bindings.
    ///
    /// - Throws: ``AMQPError`` where the broker refuses.
    public func deleteExchange(_ name: String) async throws {
        for connection in [publishing, consuming] { await connection?.forget { $0.removeExchange(name) } }
        try await withChannel(on: consuming == nil ? .publishing : .consuming) { try await $0.deleteExchange(name) }
    }
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
