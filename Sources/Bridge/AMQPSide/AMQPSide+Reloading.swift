import AMQP
import Settings

// What another configuration changes while the bridge runs.
extension AMQPSide {
    /// How long what is in hand may still go out where a consumer ends: as long as a connection's close may take.
    private static let patience = Duration.seconds(5)

    /// Declares, translates and consumes as `new` says. Consumers that stay are not touched; one whose prefetch changes is
    /// ended in good order and started again.
    ///
    /// - Throws: ``AMQPError`` with `invalidConfiguration`, where the client has no connection for consuming.
    func change(to new: BridgeConfiguration) async throws(AMQPError) {
        let old = configuration
        configuration = new
        translator = ToFedmsgTranslator(configuration: new)
        if new.toAMQP.exchange != old.toAMQP.exchange { redirect() }
        let ending = consumers.filter { new.qos != old.qos || !new.queueNames.contains($0.queue) }
        await withDiscardingTaskGroup { group in
            for consumer in ending { group.addTask { await self.end(consumer, within: Self.patience) } }
        }
        let topologies = [old, new].map { (AMQPTopology(publishing: $0), AMQPTopology(consuming: $0)) }
        // A queue that is deleted with its last consumer is declared anew before it gets another one.
        if topologies[0] != topologies[1] || !ending.isEmpty {
            await client.setTopology(publishing: topologies[1].0, consuming: topologies[1].1)
        }
        if new.toFedmsg.enabled { try await startConsuming() }
        noteConsuming()
    }
}
