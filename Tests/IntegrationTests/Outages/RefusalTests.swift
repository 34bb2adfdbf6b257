import Foundation
import Testing

@Suite("A broker that refuses")
struct RefusalTests {
    @Test(
        "A queue that is full for a while: everything arrives in the end, none a dead letter",
        .timeLimit(.minutes(3))
    )
    func full() async throws {
        let count = 3_000
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(
                    queue: FedmsgToAMQP.queue,
                    boundTo: FedmsgToAMQP.exchange,
                    .init(maxLength: 1_000, overflow: "reject-publish")
                )
                try await withBridge(BridgeSettings(amqpURL: host.url)) { bridge, publisher in
                    try await publisher.publishNumbered(count)
                    try await eventually("the queue is full") { try await amqp.depth(FedmsgToAMQP.queue) >= 1_000 }
                    try await eventually("what it refused waits") {
                        try await bridge.accounting(.toAMQP).spooled == count
                            - (try await amqp.depth(FedmsgToAMQP.queue))
                    }
                    try await bridge.untilNotReady(because: "blocked")
                    try await bridge.expectAgreement(status: "critical", codes: ["blocked"])
                    try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                    let arrived = try await amqp.numbers(untilAll: count)
                    #expect(arrived.repeats == 0)
                    try await bridge.untilReady()
                    try await bridge.settles()
                    #expect(try await bridge.accounting(.toAMQP).rejected == 0)
                }
            }
        }
    }

    @Test("A queue that takes messages and says nothing of them is noticed", .timeLimit(.minutes(5)))
    func silent() async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                try await amqp.declare(queue: "silent", boundTo: FedmsgToAMQP.exchange, .init(type: "quorum"))
                func tell(_ order: String) async throws {
                    try await host.broker.eval(
                        """
                        {ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"\(host.name)">>, queue, <<"silent">>)), \
                        sys:\(order)(amqqueue:get_pid(Queue)).
                        """
                    )
                }
                try await withBridge(BridgeSettings(amqpURL: host.url)) { bridge, publisher in
                    try await publisher.publishNumbered(10)
                    try await forwards(bridge, 10)
                    try await tell("suspend")
                    try await publisher.publishNumbered(10, from: 10)
                    // After a minute.
                    try await bridge.untilNotReady(because: "blocked", within: .seconds(150))
                    let text = try await bridge.readiness()?.reasons.first?.text
                    #expect(text?.contains("bring it back, or take its binding away and restart") == true)
                    try await tell("resume")
                    try await bridge.untilReady()
                    try await amqp.consume(FedmsgToAMQP.queue, expecting: 20)
                    #expect(try await amqp.sequence(within: .seconds(60)).runs == [[0, 20]])
                    try await bridge.settles()
                }
            }
        }
    }

    @Test(
        "An exchange that is deleted is waited for where it may not be made, and made where it may",
        .timeLimit(.minutes(3)),
        arguments: [true, false]
    )
    func deletedExchange(passive: Bool) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                var settings = try BridgeSettings(amqpURL: host.url)
                settings["", "passive_declares"] = String(passive)
                // While an exchange is being deleted, the broker confirms what it has no binding for any more.
                settings["to_amqp", "mandatory"] = String(passive)
                try await withBridge(settings) { bridge, publisher in
                    // One that is alone in flight when the broker says that it is gone is not to blame.
                    try await delete(host)
                    try await publisher.publishNumbered(1)
                    if passive {
                        try await bridge.untilNotReady(because: "exchange_missing")
                        try await restore(host)
                    }
                    try await forwards(bridge, 1)

                    let count = try await publisher.publishNumbered(perSecond: 1_000, from: 1) {
                        try await forwards(bridge, 500)
                        try await delete(host)
                        if passive {
                            try await bridge.untilNotReady(because: "exchange_missing")
                            try await bridge.expectAgreement(status: "critical", codes: ["exchange_missing"])
                            try await waits(bridge, 1_000)
                            try await restore(host)
                        }
                        let before = try await bridge.accounting(.toAMQP).forwarded
                        try await bridge.untilReady()
                        try await forwards(bridge, before + 500)
                    }
                    try await bridge.settles()
                    let refused = #"fedmsg_bridge_rejected_total{direction="to_amqp",reason="refused"}"#
                    #expect(try await bridge.metric(refused) == 0)
                    let rejected = try await bridge.accounting(.toAMQP).rejected
                    guard passive else { return #expect(rejected == 0) }
                    try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                    try await eventually("all but what was kept as unroutable arrives") {
                        try await amqp.numbers().distinct.count == 1 + count - rejected
                    }
                    let arrived = try await amqp.numbers()
                    #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
                }
            }
        }
    }

    @Test(
        "Permission on the exchange, withdrawn and given back: nothing is lost, none a dead letter",
        .timeLimit(.minutes(3))
    )
    func withdrawnPermission() async throws {
        try await withUser { user, amqp in
            try await withBridge(BridgeSettings(amqpURL: user.url)) { bridge, publisher in
                let count = try await publisher.publishNumbered(perSecond: 1_000) {
                    try await forwards(bridge, 500)
                    try await user.permit(write: "^$")
                    // A channel remembers what it was permitted: only the next one is refused.
                    try await user.disconnect()
                    try await bridge.untilNotReady(because: "access_refused")
                    try await bridge.expectAgreement(status: "critical", codes: ["access_refused"])
                    try await waits(bridge, 2_000)
                    try await user.permit(write: ".*")
                    try await bridge.untilReady()
                }
                try await bridge.settles()
                #expect(try await bridge.accounting(.toAMQP).rejected == 0)
                try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                let arrived = try await amqp.numbers(untilAll: count)
                #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
            }
        }
    }

    @Test(
        "A limit of channels or connections that is reached is named, and over once it is lifted",
        .timeLimit(.minutes(3)),
        arguments: ["max-channels", "max-connections"]
    )
    func limit(_ kind: String) async throws {
        try await withUser { user, _ in
            try await withBridge(BridgeSettings(amqpURL: user.url)) { bridge, _ in
                try await user.limit(kind, to: 0)
                try await user.disconnect()
                try await eventually("/ready names the limit", detail: { bridge.process.lastWords }) {
                    let reasons = try await bridge.readiness()?.reasons ?? []
                    return reasons.contains { $0.code == "broker_away" && $0.text.contains("list_user_limits") }
                }
                try await user.limit(kind, to: -1)
                try await bridge.untilReady()
            }
        }
    }

    @Test(
        "Of a topic that is forbidden each message alone is kept, and its neighbours pass in order",
        .timeLimit(.minutes(3))
    )
    func forbiddenTopic() async throws {
        // A culprit is found by sending what is in flight one at a time: this many, at most.
        let count = 150
        try await withTemporaryDirectory { folder in
            try await withUser { user, amqp in
                try await user.permitTopics(write: "^org\\\\.fedoraproject\\\\.")
                var settings = try BridgeSettings(amqpURL: user.url)
                let spool = try KeptSpool(in: folder, for: &settings)
                try await withBridge(settings) { bridge, publisher in
                    for first in stride(from: 0, to: count, by: count / 3) {
                        try await publisher.publishNumbered(count / 3, from: first)
                        try await publisher.publish(
                            topic: "com.example.forbidden",
                            #"{"msg":{"secret":\#(first)},"topic":"com.example.forbidden"}"#
                        )
                    }
                    try await publisher.publishNumbered(1, from: count)
                    try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                    let arrived = try await amqp.numbers(untilAll: count + 1)
                    #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
                    #expect(arrived.others == 0)
                    try await bridge.settles()
                    #expect(try await bridge.accounting(.toAMQP).rejected == 3)
                    let letters = try await spool.command("list", "--json")
                    #expect(letters.count == 3)
                    #expect(letters.allSatisfy { $0.contains(#""refused""#) && $0.contains("com.example.forbidden") })
                    let shown = try await spool.command("show", "1").joined()
                    #expect(shown.contains("access to topic 'com.example.forbidden'"), "\(shown)")
                    try await bridge.untilReady()
                }
            }
        }
    }

    @Test(
        "A message over the broker's max_message_size alone is kept, with the broker's words, and its neighbours pass in order",
        .timeLimit(.minutes(3))
    )
    func tooLarge() async throws {
        // A culprit is found by sending what is in flight one at a time: this many, at most.
        let count = 100
        try await withTemporaryDirectory { folder in
            let configuration = folder.appending(path: "rabbitmq.conf")
            try Data("max_message_size = 10000\n".utf8).write(to: configuration)
            try await RabbitMQ.withOwn(["--config", configuration.path]) { broker in
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                    var settings = try BridgeSettings(amqpURL: broker.state.amqpURL)
                    let spool = try KeptSpool(in: folder, for: &settings)
                    try await withBridge(settings) { bridge, publisher in
                        try await publisher.publishNumbered(count)
                        let text = String(repeating: "x", count: 10_000)
                        let envelope = #"{"msg":{"text":"\#(text)"},"topic":"org.large"}"#
                        try await publisher.publish(topic: "org.large", envelope)
                        try await publisher.publishNumbered(count, from: count)
                        try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                        let arrived = try await amqp.numbers(untilAll: 2 * count)
                        #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
                        #expect(arrived.others == 0)
                        try await bridge.settles()
                        let letters = try await bridge.deadLetters()
                        #expect(letters.map(\.reason) == ["refused"])
                        #expect(letters.map(\.topic) == ["org.large"])
                        #expect(try await spool.command("show", "1").joined().contains("message size"))
                        try await bridge.untilReady()
                    }
                }
            }
        }
    }

    private func exchange(of host: VirtualHost) -> String {
        "rabbit_misc:r(<<\"\(host.name)\">>, exchange, <<\"\(FedmsgToAMQP.exchange)\">>)"
    }

    private func delete(_ host: VirtualHost) async throws {
        try await host.broker.eval("rabbit_exchange:delete(\(exchange(of: host)), false, <<\"tests\">>).")
    }

    /// Makes the exchange anew, and the binding at once with it: nothing is lost for want of one.
    private func restore(_ host: VirtualHost) async throws {
        let exchange = exchange(of: host)
        try await host.broker.eval(
            """
            rabbit_exchange:declare(\(exchange), topic, true, false, false, [], <<"tests">>), \
            rabbit_binding:add({binding, \(exchange), <<"#">>, \
            rabbit_misc:r(<<"\(host.name)">>, queue, <<"\(FedmsgToAMQP.queue)">>), []}, <<"tests">>).
            """
        )
    }

    private func withBridge(
        _ settings: BridgeSettings,
        _ body: (BridgeProcess, FedmsgPublisher) async throws -> Void
    ) async throws {
        try await FedmsgPublisher.with { publisher in
            var settings = settings
            settings.toAMQP(from: [publisher.endpoint])
            try await BridgeProcess.with(settings) { bridge in
                try await publisher.subscribed()
                try await body(bridge, publisher)
            }
        }
    }

    private func withUser(_ body: (BrokerUser, PlainAMQP) async throws -> Void) async throws {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: FedmsgToAMQP.exchange)
                try await BrokerUser.with(on: host) { try await body($0, amqp) }
            }
        }
    }

    private func forwards(_ bridge: BridgeProcess, _ count: Int) async throws {
        try await eventually("\(count) messages are forwarded", detail: { bridge.process.lastWords }) {
            try await bridge.accounting(.toAMQP).forwarded >= count
        }
    }

    private func waits(_ bridge: BridgeProcess, _ count: Int) async throws {
        try await eventually("\(count) messages wait", detail: { bridge.process.lastWords }) {
            try await bridge.accounting(.toAMQP).spooled >= count
        }
    }
}
