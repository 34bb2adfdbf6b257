import AMQP
import Settings

// What another configuration changes while the bridge runs.
extension AMQPSide {
    /// How long what is in hand may still go out where a consumer ends: as long as a connection's close may take.
    private static let patience = Duration.seconds(5)

    /// Declares, translates and consumes as `new` says. Consumers that stay are not touched; one whose prefetch changes is
    /// ended in good order and started again.
    ///
    /// - Parameter renew: done once all that ends has ended and before anything begins: where the broker is another one, it
    ///   reconnects.
    /// - Throws: ``AMQPError`` with `invalidConfiguration`, where the client has no connection for consuming.
    func change(to new: BridgeConfiguration, renewing renew: @Sendable () async -> Void) async throws(AMQPError) {
        let old = configuration
        configuration = new
        translator = ToFedmsgTranslator(configuration: new)
        // Until it is declared, and no broker gets what is meant for the other one's.
        let isMoving = new.toAMQP.exchange != old.toAMQP.exchange
        if isMoving {
            moves += 1
            redirect()
        }
        let ending = consumers.filter { new.qos != old.qos || !new.queueNames.contains($0.queue) }
        let ends = Task {
            await withDiscardingTaskGroup { group in
                for consumer in ending { group.addTask { await self.end(consumer, within: Self.patience) } }
            }
        }
        // A broker that answers nothing does not hold up the change to another one, which ends the wait for it.
        await Self.wait(for: ends)
        await renew()
        await ends.value
        // One that takes no messages declares nothing for whoever publishes, until it does: consumers do not wait for that.
        let declares = Task {
            let topology = AMQPTopology(publishing: new)
            if topology != AMQPTopology(publishing: old) { await client.setTopology(topology, on: .publishing) }
            if isMoving { moves -= 1 }
            pump()
        }
        let topology = AMQPTopology(consuming: new)
        // A queue that is deleted with its last consumer is declared anew before it gets another one.
        if topology != AMQPTopology(consuming: old) || !ending.isEmpty {
            await client.setTopology(topology, on: .consuming)
        }
        if new.toFedmsg.enabled { try await startConsuming() }
        noteConsuming()
        await Self.wait(for: declares)
    }

    /// Waits for a task that may have to wait for the broker, and no longer than twice ``patience``.
    private static func wait(for task: Task<Void, Never>) async {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        Task {
            await task.value
            end.finish()
        }
        let limit = Task {
            try? await Task.sleep(for: patience * 2)
            end.finish()
        }
        for await _ in ends {}
        limit.cancel()
    }

    /// Opens the connections anew, with what the configuration has them declare: another broker gets nothing of an older one's.
    func reconnect(with amqp: AMQPConfiguration) async throws(AMQPError) {
        try await client.reconnect(
            with: amqp,
            publishing: AMQPTopology(publishing: configuration),
            consuming: AMQPTopology(consuming: configuration)
        )
    }
}
