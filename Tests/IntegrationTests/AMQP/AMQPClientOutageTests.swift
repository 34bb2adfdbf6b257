import AMQP
import NIOCore
import Synchronization
import Testing

@Suite("AMQPClient through outages", .timeLimit(.minutes(5)))
struct AMQPClientOutageTests {
    @Test("connections that are closed come back, with consumers, and publishes that wait are sent once")
    func closedConnections() async throws {
        try await VirtualHost.with { host in
            let queue = AMQPQueue("q")
            let inbox = Inbox()
            let configuration = try TestClient.configuration(host.url)
            try await TestClient.with(configuration, topology: AMQPTopology(queues: [queue])) { client, events in
                let consuming = Task {
                    try await client.consume("q") { delivery in
                        inbox.append(delivery)
                        try? await delivery.ack()
                    }
                }
                try await client.publish(AMQPMessage("before", to: "q"))
                try await inbox.awaitBodies("the first") { $0 == ["before"] }

                try await host.broker.ctl("close_all_connections", "--vhost", host.name, "maintenance")
                try await client.publish(AMQPMessage("after", to: "q"))
                try await inbox.awaitBodies("the second") { $0.contains("after") }
                #expect(events.generation(.publishing) == 2)
                #expect(events.generation(.consuming) == 2)
                let error = try await events.first("a loss") { event in
                    if case .lost(.publishing, let error, 1) = event { error } else { nil }
                }
                #expect(error.reply?.cause == .forced)
                #expect(error.description.contains("maintenance"))
                consuming.cancel()
                try await consuming.value
            }
        }
    }

    @Test("a broker that stops and starts again is waited for, and what was not confirmed is told")
    func restart() async throws {
        try await RabbitMQ.withOwn { broker in
            let inbox = Inbox()
            let configuration = try TestClient.configuration(broker.state.amqpURL)
            try await TestClient.with(configuration, topology: AMQPTopology(queues: [AMQPQueue("q")])) {
                client,
                events in
                let consuming = Task {
                    try await client.consume("q") { delivery in
                        inbox.append(delivery)
                        try? await delivery.ack()
                    }
                }
                try await client.publish(AMQPMessage("0", to: "q"))
                try await broker.ctl("stop_app")
                let publishing = Task {
                    for number in 1...50 {
                        try await client.publish(AMQPMessage("\(number)", to: "q"), resendingUnknown: true)
                    }
                }
                try await events.first("a failed try") { event in
                    if case .connectFailed = event { () } else { nil }
                }
                try await broker.ctl("start_app")
                try await publishing.value
                try await inbox.awaitBodies("all") { Set($0).count == 51 }
                consuming.cancel()
                try await consuming.value
            }
        }
    }

    @Test("while the broker is short of memory publishes wait, and acknowledgements go on")
    func memoryAlarm() async throws {
        try await RabbitMQ.withOwn { broker in
            let queue = AMQPQueue("q")
            let inbox = Inbox()
            let configuration = try TestClient.configuration(broker.state.amqpURL)
            try await TestClient.with(configuration, topology: AMQPTopology(queues: [queue])) { client, events in
                for number in 1...3 { try await client.publish(AMQPMessage("\(number)", to: "q")) }
                try await broker.ctl("set_vm_memory_high_watermark", "0")
                // An idle connection hears of it at its next publish.
                let publishing = Task { try await client.publish(AMQPMessage("4", to: "q")) }
                _ = try await events.first("the alarm") { event in
                    if case .blocked(.publishing, let reason) = event { reason } else { nil }
                }
                let consuming = Task {
                    try await client.consume("q") { delivery in
                        inbox.append(delivery)
                        try? await delivery.ack()
                    }
                }
                try await inbox.awaitBodies("what was there") { $0.count >= 3 }
                try await broker.ctl("set_vm_memory_high_watermark", "0.4")
                try await publishing.value
                try await events.first("its end") { if case .unblocked(.publishing) = $0 { () } else { nil } }
                try await inbox.awaitBodies("the fourth") { $0.contains("4") }
                #expect(events.generation(.publishing) == 1)
                consuming.cancel()
                try await consuming.value
            }
        }
    }

    @Test(
        "a queue that is deleted under a consumer is declared again and consumed from, beside one that never can be too",
        arguments: [false, true]
    )
    func deletedQueue(isBesideAnother: Bool) async throws {
        try await VirtualHost.with { host in
            let queue = AMQPQueue("q")
            let inbox = Inbox()
            let topology = AMQPTopology(
                queues: isBesideAnother ? [queue, AMQPQueue("amq.reserved")] : [queue],
                bindings: [AMQPBinding(from: "amq.topic", to: .queue("q"), routingKey: "k")]
            )
            let configuration = try TestClient.configuration(host.url)
            try await TestClient.with(configuration, topology: topology) { client, events in
                try await client.startConsumer(
                    "q",
                    handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
                )
                try await eventually("a consumer") { events.consumerStarts == 1 }
                try await host.broker.ctl("delete_queue", "q", "--vhost", host.name)
                try await eventually("a consumer again", detail: { "\(events.all)" }) { events.consumerStarts == 2 }
                try await client.publish(
                    AMQPMessage(exchange: "amq.topic", routingKey: "k", body: ByteBuffer(string: "x"))
                )
                try await inbox.awaitBodies("a message") { $0 == ["x"] }
                let error = try await events.first("the reason") { event in
                    if case .consumerInterrupted("q", let error) = event { error } else { nil }
                }
                #expect(error.code == .consumerCancelledByBroker)
                #expect(events.generation(.consuming) == 1)
            }
        }
    }

    @Test(
        "a consumer whose start is not answered is told of at once, though its channel's close is not answered either"
    )
    func unansweredConsume() async throws {
        try await VirtualHost.with { host in
            try await FaultProxy.with(brokerPort: host.broker.state.amqpPort) { proxy, port in
                var configuration = try TestClient.configuration(host.url)
                configuration.endpoints[0].port = port
                configuration.replyTimeout = .milliseconds(300)
                let hasConsumed = Mutex(false)
                proxy.set { frame in
                    if frame.isMethod(60, 20) { hasConsumed.withLock { $0 = true } }
                    let isAnswer = frame.isMethod(60, 21) || frame.isMethod(20, 41)
                    return isAnswer && hasConsumed.withLock { $0 } ? .hold : .forward
                }
                try await TestClient.with(configuration, consuming: AMQPTopology(queues: [AMQPQueue("q")])) {
                    client,
                    events in
                    try await client.startConsumer("q", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
                    let error = try await events.first("the reason") { event in
                        if case .consumerInterrupted("q", let error) = event { error } else { nil }
                    }
                    #expect(error.code == .replyTimedOut)
                    // What is held stays: the close has an end without.
                    proxy.set { _ in .forward }
                    try await eventually("a consumer", detail: { "\(events.all)" }) { events.consumerStarts == 1 }
                    #expect(events.generation(.consuming) == 1)
                }
            }
        }
    }

    @Test("a consumer that holds a delivery longer than the broker allows comes back on another channel, and says why")
    func deliveryHeldTooLong() async throws {
        try await RabbitMQ.withOwn { broker in
            // Configuration files take no less than a minute.
            try await broker.eval(
                """
                application:set_env(rabbit, consumer_timeout, 1000), \
                application:set_env(rabbit, channel_tick_interval, 200).
                """
            )
            let inbox = Inbox()
            let configuration = try TestClient.configuration(broker.state.amqpURL)
            try await TestClient.with(configuration, topology: AMQPTopology(queues: [AMQPQueue("q")])) {
                client,
                events in
                try await client.startConsumer(
                    "q",
                    handlers: AMQPConsumerHandlers(deliveries: { deliveries in
                        for delivery in deliveries {
                            inbox.append(delivery)
                            if delivery.redelivered { try? delivery.channel.syncOperations.ack(delivery.tag) }
                        }
                    })
                )
                try await client.publish(AMQPMessage("x", to: "q"))
                let error = try await events.first("the reason") { event in
                    if case .consumerInterrupted("q", let error) = event { error } else { nil }
                }
                #expect(error.code == .channelClosedByBroker)
                #expect(error.reply?.code == .preconditionFailed)
                #expect(error.reply?.cause == .deliveryHeldTooLong)
                try await inbox.awaitBodies("the same again") { $0.count == 2 }
                #expect(inbox.deliveries.map(\.redelivered) == [false, true])
                let late = await #expect(throws: AMQPError.self) { try await inbox.deliveries[0].ack() }
                #expect(late?.code == .staleDelivery)
                // Deliveries may come before consume-ok.
                try await eventually("a consumer again") { events.consumerStarts == 2 }
                #expect(events.generation(.consuming) == 1)
            }
        }
    }

    @Test("a consumer starts, and starts again, only when what its user has to do before is done")
    func starting() async throws {
        try await VirtualHost.with { host in
            let inbox = Inbox()
            let gate = Gate()
            let configuration = try TestClient.configuration(host.url)
            try await TestClient.with(configuration, topology: AMQPTopology(queues: [AMQPQueue("q")])) {
                client,
                events in
                try await client.publish(AMQPMessage("x", to: "q"))
                try await client.startConsumer(
                    "q",
                    starting: { await gate.pass() },
                    handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
                )
                for round in 1...2 {
                    try await eventually("start \(round)") { gate.arrivals == round }
                    let idle = try await client.withChannel { try await $0.declare(AMQPQueue("q"), passive: true) }
                    #expect(idle.consumerCount == 0)
                    #expect(inbox.bodies.count == round - 1)
                    gate.open()
                    try await inbox.awaitBodies("delivery \(round)") { $0.count == round }
                    // Deliveries may come before consume-ok.
                    try await eventually("consumer \(round)") { events.consumerStarts == round }
                    if round == 1 { await client.reconnect() }
                }
            }
        }
    }

    @Test(
        "a consumer that is ended or paused while it starts leaves none at the broker",
        arguments: [false, true]
    )
    func endedWhileStarting(isPaused: Bool) async throws {
        try await VirtualHost.with { host in
            let (lost, inbox) = (Inbox(), Inbox())
            let gate = Gate()
            let configuration = try TestClient.configuration(host.url)
            try await TestClient.with(configuration, topology: AMQPTopology(queues: [AMQPQueue("q")])) { client, _ in
                for number in 1...20 { try await client.publish(AMQPMessage("\(number)", to: "q")) }
                let consumer = try await client.startConsumer(
                    "q",
                    options: AMQPConsumerOptions(needsSettlement: false),
                    starting: { await gate.pass() },
                    handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(lost.append) })
                )
                try await eventually("its start") { gate.arrivals == 1 }
                if isPaused { await consumer.pause() } else { await consumer.stop() }
                gate.open()
                // By the time that another one has started, it would have long before.
                try await client.startConsumer(
                    "q",
                    options: AMQPConsumerOptions(needsSettlement: false),
                    handlers: AMQPConsumerHandlers(deliveries: { $0.forEach(inbox.append) })
                )
                try await inbox.awaitBodies("all") { $0.count == 20 }
                #expect(lost.bodies == [])
            }
        }
    }

    @Test("a reconnect lets nothing more out before it closes, so that nothing is sent twice")
    func reconnectUnderLoad() async throws {
        try await VirtualHost.with { host in
            let configuration = try TestClient.configuration(host.url)
            let publisher = SteadyPublisher()
            try await TestClient.with(configuration, publishing: AMQPTopology()) { client, events in
                try await client.keepPublishingChannel(
                    window: PublishWindow(messages: 50),
                    opened: { publisher.opened($0) },
                    handlers: AMQPChannelHandlers(settled: { publisher.settled($0) }, room: { publisher.publish() })
                )
                for round in 1...3 as ClosedRange<UInt64> {
                    let before = publisher.confirmed
                    try await eventually("more confirms") { publisher.confirmed > before + 500 }
                    await client.reconnect()
                    try await eventually("another connection") { events.generation(.publishing) == round + 1 }
                }
                #expect(publisher.unknown == 0)
            }
        }
    }

    @Test("a publisher on the event loop hears what became of each, and gets another channel after a refusal")
    func publisherOnEventLoop() async throws {
        try await VirtualHost.with { host in
            try await host.broker.ctl("set_topic_permissions", "-p", host.name, "guest", "amq.topic", "^good", ".*")
            let configuration = try TestClient.configuration(host.url)
            let publisher = LoopPublisher(keys: ["good", "bad", "good"])
            try await TestClient.with(configuration, publishing: AMQPTopology()) { client, _ in
                try await client.keepPublishingChannel(
                    opened: { publisher.opened($0) },
                    handlers: AMQPChannelHandlers(
                        settled: { publisher.settled($0) },
                        closed: { publisher.closed($0) }
                    )
                )
                // A connection without topic permissions in its cache is what is wanted: the first does.
                try await eventually("all are told", detail: { "\(publisher.log)" }) {
                    publisher.log.last == "confirmed" && publisher.log.count > 3
                }
            }
            #expect(publisher.log.contains("closed topicRefused"))
            #expect(publisher.log.filter { $0 == "opened" }.count == 2, "\(publisher.log)")
        }
    }
}

/// Publishes all at once on each channel that it gets, until nothing is refused.
private final class LoopPublisher: Sendable {
    private struct State {
        var keys: [String]
        var log: [String] = []
    }

    private let state: Mutex<State>

    init(keys: [String]) {
        state = Mutex(State(keys: keys))
    }

    var log: [String] { state.withLock { $0.log } }

    func opened(_ channel: AMQPChannel) {
        let keys = state.withLock { state in
            state.log.append("opened")
            return state.keys
        }
        let messages = keys.map { AMQPMessage(exchange: "amq.topic", routingKey: $0, body: ByteBuffer()) }
        let taken = try? channel.syncOperations.publish(contentsOf: messages).taken
        if taken != keys.count { state.withLock { $0.log.append("took \(taken as Any)") } }
    }

    func settled(_ settlements: [PublishSettlement]) {
        state.withLock { state in
            for settlement in settlements {
                switch settlement.outcome {
                case .confirmed: state.log.append("confirmed")
                case .unknown: state.log.append("unknown")
                default: state.log.append("\(settlement.outcome)")
                }
            }
        }
    }

    func closed(_ error: AMQPError) {
        state.withLock { state in
            state.log.append("closed \(error.reply.map { "\($0.cause)" } ?? "\(error.code)")")
            state.keys.removeAll { $0 == "bad" }
        }
    }
}

/// Publishes whenever there is room.
private final class SteadyPublisher: Sendable {
    private struct State {
        var channel: AMQPChannel?
        var confirmed = 0
        var unknown = 0
    }

    private let state = Mutex(State())

    var confirmed: Int { state.withLock { $0.confirmed } }
    var unknown: Int { state.withLock { $0.unknown } }

    func opened(_ channel: AMQPChannel) {
        state.withLock { $0.channel = channel }
        publish()
    }

    func publish() {
        guard let operations = state.withLock({ $0.channel })?.syncOperations else { return }
        while (try? operations.publish(AMQPMessage("x", to: "nowhere"))) != nil {}
    }

    func settled(_ settlements: [PublishSettlement]) {
        state.withLock { state in
            for settlement in settlements {
                if case .confirmed = settlement.outcome { state.confirmed += settlement.numbers.count }
                if case .unknown = settlement.outcome { state.unknown += settlement.numbers.count }
            }
        }
        publish()
    }
}
