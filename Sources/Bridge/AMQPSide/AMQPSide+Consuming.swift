import AMQP
import Logging
import Settings
import Spool

// Consumers, their runs, and what is acknowledged of them.
extension AMQPSide {
    /// Has the client consume from every queue that it does not consume from yet, as the gate says.
    func startConsuming() async throws(AMQPError) {
        // A reload may still be under way amid a stop.
        guard !isStopping else { return }
        let options = AMQPConsumerOptions(prefetch: configuration.qos.prefetchCount, retriesForever: true)
        for queue in configuration.queueNames where !consumers.contains(where: { $0.queue == queue }) {
            let consumer = try await client.startConsumer(
                queue,
                options: options,
                isPaused: true,
                starting: { [weak self] in await self?.begin(queue) },
                handlers: AMQPConsumerHandlers(
                    deliveries: { [weak self] deliveries in
                        self?.assumeIsolated { $0.received(deliveries, from: queue) }
                    },
                    cancelled: { [weak self] _ in self?.assumeIsolated { $0.ended(queue) } }
                )
            )
            consumers.append(consumer)
        }
        applyGate()
    }

    /// Ends one consumer: what is in hand still goes out, and is acknowledged, within `timeout`; the rest goes back.
    func end(_ consumer: AMQPConsumer, within timeout: Duration) async {
        await consumer.stop(within: timeout)
        consumers.removeAll { $0 === consumer }
        ended(consumer.queue)
        board.clearReasons(source: source(ofConsumer: consumer.queue))
    }

    /// No more is taken from the broker; what is in hand still goes out, and is acknowledged, within `timeout`.
    func stopConsuming(within timeout: Duration) async {
        isStopping = true
        await withDiscardingTaskGroup { group in
            for consumer in consumers { group.addTask { await consumer.stop(within: timeout) } }
        }
    }

    /// Whether deliveries are not yet acknowledged.
    var hasDeliveries: Bool { runs.contains { $0.count > 0 } }

    // MARK: Runs

    /// A consumer is about to start: what was in hand from its last run comes again.
    private func begin(_ queue: String) async {
        noteStarting(queue)
        // One whose start failed has not ended by itself.
        ended(queue)
        for run in runs where run.queue == queue { await run.forgetting?.value }
        lastEpoch += 1
        runs.append(ConsumerRun(queue: queue, epoch: lastEpoch))
    }

    /// Returns once nothing is sent any more of what went back to the broker.
    private func forget(_ epoch: UInt64) async {
        await forgetFedmsgs(epoch)
        runs.removeAll { $0.epoch == epoch }
        let firsts = duplicates.forgot(epoch, isResting: isResting) { run(of: $0) != nil }
        guard !firsts.isEmpty else { return }
        writer.write(firsts.map { draft($0.translation, .delivery($0.reference), receivedAt: $0.receivedAt) })
    }

    /// The broker has said that it consumes.
    func started(_ queue: String) {
        running.insert(queue)
        noteConsuming()
    }

    func noteConsuming() {
        board.setConsuming(running.isSuperset(of: configuration.queueNames))
    }

    private func ended(_ queue: String) {
        running.remove(queue)
        noteConsuming()
        guard let index = runs.firstIndex(where: { $0.queue == queue && $0.forgetting == nil }) else { return }
        let epoch = runs[index].epoch
        // At once: until it begins again hours may pass, and then it would go out before what comes again.
        runs[index].end(forgetting: Task { await forget(epoch) })
        noteInHand()
    }

    /// The run that a delivery belongs to, unless that has ended.
    func run(of reference: DeliveryReference) -> Int? {
        runs.firstIndex { $0.epoch == reference.epoch && $0.channel != nil }
    }

    // MARK: Acknowledging

    /// A delivery was dropped, or kept as a dead letter.
    func decided(_ reference: DeliveryReference) {
        guard let run = run(of: reference) else { return }
        runs[run].decided(reference.tag)
        acknowledge()
    }

    /// From now on nothing is acknowledged: a kill while libzmq sends the last loses none of them.
    func awaitFlush() { awaitsFlush = true }

    /// libzmq has closed.
    ///
    /// - Parameter acknowledging: whether what was decided meanwhile goes, or comes again.
    func flushed(acknowledging: Bool) {
        awaitsFlush = !acknowledging
        if acknowledging { for id in unflushedRetries { journal.settleRetry(of: id) } }
        unflushedRetries = []
        acknowledge()
    }

    /// Acknowledges what is decided.
    func acknowledge() {
        for index in runs.indices where !awaitsFlush {
            guard let (channel, due) = runs[index].takeDue() else { continue }
            do throws(AMQPError) {
                for tag in due.single { try channel.syncOperations.ack(tag) }
                if let through = due.through { try channel.syncOperations.ack(through: through) }
            } catch {
                // The channel went while these were on their way: the broker delivers them again.
                logger.debug("not acknowledged", metadata: [LogKey.error: "\(error)"])
            }
        }
        noteInHand()
    }

    func noteInHand() {
        toFedmsg.setInFlight(runs.reduce(0) { $0 + $1.count })
    }
}
