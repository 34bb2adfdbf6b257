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
        isMoving = new.toAMQP.exchange != old.toAMQP.exchange
        if isMoving { redirect() }
        let ending = consumers.filter { new.qos != old.qos || !new.queueNames.contains($0.queue) }
        let (waits, wait) = AsyncStream.makeStream(of: Void.self)
        let ends = Task {
            await withDiscardingTaskGroup { group in
                for consumer in ending { group.addTask { await self.end(consumer, within: Self.patience) } }
            }
            wait.finish()
        }
        // A broker that answers nothing does not hold up the change to another one, which ends the wait for it.
        let limit = Task {
            try? await Task.sleep(for: Self.patience * 2)
            wait.finish()
        }
        for await _ in waits {}
        limit.cancel()
        await renew()
        await ends.value
        let topologies = [old, new].map { (AMQPTopology(publishing: $0), AMQPTopology(consuming: $0)) }
        // A queue that is deleted with its last consumer is declared anew before it gets another one.
        if topologies[0] != topologies[1] || !ending.isEmpty {
            await client.setTopology(publishing: topologies[1].0, consuming: topologies[1].1)
        }
        isMoving = false
        pump()
        if new.toFedmsg.enabled { try await startConsuming() }
        noteConsuming()
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
