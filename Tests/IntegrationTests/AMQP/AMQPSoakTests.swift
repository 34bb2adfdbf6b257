import AMQP
import NIOCore
import Testing

@Suite("AMQPClient in the long run")
struct AMQPSoakTests {
    private static let publishers = 50

    @Test(
        "through faults at every point of the dialogue what is confirmed is consumed, twice only what was unknown",
        .timeLimit(.minutes(60))
    )
    func soak() async throws {
        let ledger = SoakLedger(count: TestRun.size(5_000, full: 1_000_000))
        try await VirtualHost.with { host in
            try await FaultProxy.with(brokerPort: host.broker.state.amqpPort) { proxy, port in
                var configuration = try TestClient.configuration(host.url)
                configuration.endpoints[0].port = port
                configuration.heartbeat = .seconds(1)
                let queue = AMQPQueue("q")
                try await TestClient.with(configuration, topology: AMQPTopology(queues: [queue])) { client, events in
                    try await client.keepPublishingChannel(
                        opened: { ledger.opened($0) },
                        handlers: AMQPChannelHandlers()
                    )
                    try await client.startConsumer("q", handlers: Self.handlers(ledger))
                    try await withThrowingTaskGroup { group in
                        for _ in 0..<Self.publishers { group.addTask { try await Self.publish(ledger, client) } }
                        group.addTask { try await Self.breakThings(proxy, ledger) }
                        try await group.waitForAll()
                    }
                    try await eventually("all is consumed", detail: { "missing \(ledger.lost.prefix(20))" }) {
                        ledger.lost.isEmpty
                    }
                    #expect(ledger.unaccounted == [])
                    #expect(ledger.wronglyDoubled == [])
                    // One channel of the client's own, the kept one, and the consumer's.
                    try await eventually("three channels") { try await host.channels == 3 }
                    try await eventually("two connections") { try await host.connections == 2 }
                    let left = try await client.withChannel { try await $0.declare(queue, passive: true) }
                    #expect(left.messageCount == 0)
                    #expect(left.consumerCount == 1)
                    print(
                        """
                        soak: \(ledger.total) messages, \(proxy.faults) faults, \(proxy.accepted) connections, \
                        \(ledger.unknown) times unknown, \(ledger.doubled) doubled, seed \(TestRun.seed)
                        """
                    )
                }
                try await eventually("nobody keeps a channel or connection") { ledger.alive == 0 }
                try await eventually("no connection") { try await host.connections == 0 }
            }
        }
    }

    private static func handlers(_ ledger: SoakLedger) -> AMQPConsumerHandlers {
        AMQPConsumerHandlers(deliveries: { deliveries in
            for delivery in deliveries { ledger.arrived(delivery) }
            // Of a channel that is gone by now: it comes again.
            if let last = deliveries.last { try? last.channel.syncOperations.ack(through: last.tag) }
        })
    }

    private static func publish(_ ledger: SoakLedger, _ client: AMQPClient) async throws {
        while let number = try await ledger.next() {
            var isConfirmed = false
            while !isConfirmed {
                do throws(PublishError) {
                    try await client.publish(AMQPMessage("\(number)", to: "q"))
                    ledger.confirmed(number)
                    isConfirmed = true
                } catch {
                    guard case .outcomeUnknown = error else { throw error }
                    ledger.unknown(number)
                }
            }
        }
    }

    /// One fault after the other, each once what the last one broke is mended, until there are enough messages; every
    /// one at least once.
    private static func breakThings(_ proxy: FaultProxy, _ ledger: SoakLedger) async throws {
        defer { ledger.end() }
        var random = SeededGenerator(seed: TestRun.seed)
        repeat {
            for fault in SoakFault.all.shuffled(using: &random) {
                try await progress(by: Int.random(in: 1...TestRun.size(200, full: 5_000), using: &random), of: ledger)
                let (faults, held) = (proxy.faults, proxy.held)
                proxy.set(fault.rules)
                try await eventually("a fault: \(fault.name)") {
                    proxy.faults == faults + fault.rules.count - (fault.holds ? 1 : 0)
                        && proxy.held == held + (fault.holds ? 1 : 0)
                }
                guard fault.holds else { continue }
                try await progress(by: 1, of: ledger)
                proxy.set()
                try await proxy.release()
            }
        } while !ledger.isFull
        try await progress(by: 1, of: ledger)
    }

    private static func progress(by count: Int, of ledger: SoakLedger) async throws {
        let (confirmed, consumed) = (ledger.confirmed, ledger.consumed)
        try await eventually("messages get through", every: .milliseconds(5)) {
            ledger.confirmed >= confirmed + count && ledger.consumed >= consumed + count
        }
    }
}
