import Foundation
import Testing

/// SIGHUP, while numbered messages pass in both directions.
@Suite("Reloading under traffic")
struct ReloadTrafficTests {
    private static let reconnects = ["to_amqp", "to_fedmsg"].map {
        #"fedmsg_bridge_amqp_reconnects_total{direction="\#($0)"}"#
    }

    @Test(
        "What the broker has to be told anew reconnects both connections, and nothing is lost by that",
        .timeLimit(.minutes(4)),
        arguments: ["amqp_url", "client_properties"]
    )
    func reconnects(key: String) async throws {
        try await Self.withTraffic { bridge, _, host in
            try await bridge.reload { settings in
                if key == "amqp_url" {
                    settings["", "amqp_url"] = "\"\(host.url)?heartbeat=30\""
                } else {
                    settings["client_properties", "app"] = "\"another\""
                }
            }
            for metric in Self.reconnects { try await bridge.until(metric, is: 1) }
        }
    }

    @Test("A queue takes another one's place, and nothing is lost or sent twice", .timeLimit(.minutes(4)))
    func queues() async throws {
        let queues = ["fedmsg-bridge", "another"]
        func use(_ queues: [String], _ settings: inout BridgeSettings) {
            settings["", "queues"] = "{ " + queues.map { "\($0) = { durable = true }" }.joined(separator: ", ") + " }"
            let bindings = queues.map { ##"{ queue = "\##($0)", exchange = "amq.topic", routing_keys = ["#"] }"## }
            settings["", "bindings"] = "[" + bindings.joined(separator: ", ") + "]"
        }
        try await Self.withTraffic { bridge, amqp, _ in
            try await bridge.reload { use(queues, &$0) }
            try await eventually("the new queue is consumed from") { try await amqp.look(at: queues[1]).consumers == 1 }
            try await bridge.untilReady()
            // What only the old queue got is on its way until it has brought a message that the new one has too.
            try await eventually("both queues bring the same") { try await bridge.accounting(.toFedmsg).dropped > 0 }
            try await bridge.reload { use([queues[1]], &$0) }
            try await eventually("the old queue is left") { try await amqp.look(at: queues[0]).consumers == 0 }
            #expect(try await bridge.readiness()?.status == "ok")
            for metric in Self.reconnects { #expect(try await bridge.metric(metric) == 0) }
        }
    }

    @Test("A consumer with another prefetch takes the place of the old one", .timeLimit(.minutes(4)))
    func prefetch() async throws {
        try await Self.withTraffic { bridge, amqp, host in
            func consumers() async throws -> String {
                try await host.broker.ctl("-q", "-p", host.name, "list_consumers", "queue_name", "prefetch_count")
            }
            #expect(try await consumers().contains("fedmsg-bridge\t500"))
            try await bridge.reload { $0["qos", "prefetch_count"] = "7" }
            try await bridge.untilReady()
            let after = try await consumers()
            #expect(after.contains("fedmsg-bridge\t7") && !after.contains("fedmsg-bridge\t500"), "\(after)")
            for metric in Self.reconnects { #expect(try await bridge.metric(metric) == 0) }
        }
    }

    @Test(
        "A renewed certificate reconnects, at SIGHUP or by itself within a minute, and nothing is lost by that",
        .timeLimit(.minutes(6)),
        arguments: [true, false]
    )
    func certificate(isSignalled: Bool) async throws {
        try await FedoraBroker.with { fedora in
            try await FedmsgPublisher.with { publisher in
                var settings = try BridgeSettings(continuing: fedora.configuration())
                settings.toAMQP(from: [publisher.endpoint])
                let endpoint = try settings.toFedmsg()
                try await BridgeProcess.with(settings) { bridge in
                    try await publisher.subscribed()
                    let url = "amqp://guest:guest@127.0.0.1:\(fedora.broker.state.amqpPort)/%2Fpublic_pubsub"
                    try await Self.withTraffic(through: bridge, publisher, endpoint, fedora.amqp, url) {
                        try await fedora.certificates.renewClient(commonName: "fedora")
                        if isSignalled { try await bridge.reload { _ in } }
                        for metric in Self.reconnects { try await bridge.until(metric, is: 1, within: .seconds(150)) }
                    }
                    // The same files again are no reason to connect anew.
                    try await bridge.reload { _ in }
                    for metric in Self.reconnects { #expect(try await bridge.metric(metric) == 1) }
                }
            }
        }
    }

    @Test(
        "Who may sign, and whether that is checked, changes amid signed messages: each arrives or is kept, in order",
        .timeLimit(.minutes(4))
    )
    func policy() async throws {
        let topic = "org.fedoraproject.test.numbered.3"
        try await FedmsgPeer.with { peer in
            func check(by signers: [String], nitpicky: Bool = false) -> (inout BridgeSettings) -> Void {
                { settings in
                    settings.validate(trusting: peer)
                    settings["crypto", "routing_nitpicky"] = String(nitpicky)
                    settings["crypto.routing_policy", "\"\(topic)\""] = "\(signers)"
                }
            }
            let (signer, another) = ("app01.example.org", "app02.example.org")
            let changes = [
                check(by: [signer]), check(by: [another]), check(by: [signer, another]), { _ in },
                check(by: [signer], nitpicky: true), { _ in }, check(by: [signer]),
            ]
            let file = peer.pki.appending(path: "envelopes")
            let lines = try await peer.lines("signed_numbered.py", peer.pki.path, "6000")
            try Data(lines.joined(separator: [10])).write(to: file)
            try await FedmsgToAMQP.with({ $0.validate(trusting: peer) }) { scene in
                try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
                let count = try await scene.publisher.publish(file: file, perSecond: 200) {
                    for change in changes {
                        try await scene.bridge.reload(change)
                        let before = try await scene.bridge.accounting(.toAMQP).received
                        try await eventually("more comes") {
                            try await scene.bridge.accounting(.toAMQP).received >= before + 50
                        }
                    }
                }
                try await scene.bridge.receives(count)
                try await scene.bridge.settles()
                let accounting = try await scene.bridge.accounting(.toAMQP)
                #expect(accounting.received == count)
                #expect(accounting.dropped == 0)
                let letters = try await scene.bridge.deadLetters()
                #expect(letters.count == accounting.rejected)
                #expect((1..<count).contains(letters.count))
                #expect(letters.allSatisfy { $0.reason == "policy" })
                try await eventually("all but what is kept arrives") {
                    try await scene.amqp.numbers().distinct.count == count - letters.count
                }
                let arrived = try await scene.amqp.numbers()
                #expect(arrived.repeats == 0)
                #expect(arrived.isInOrderApartFromRepeats, "\(arrived.runs)")
            }
        }
    }

    /// Runs a bridge of both directions, with messages on their way while `body` works, and expects all of them to arrive.
    private static func withTraffic(
        _ body: (BridgeProcess, PlainAMQP, VirtualHost) async throws -> Void
    ) async throws {
        var endpoint = ""
        try await FedmsgToAMQP.with {
            endpoint = try $0.toFedmsg()
        } _: { scene in
            try await withTraffic(through: scene.bridge, scene.publisher, endpoint, scene.amqp, scene.host.url) {
                try await body(scene.bridge, scene.amqp, scene.host)
            }
        }
    }

    private static func withTraffic(
        through bridge: BridgeProcess,
        _ publisher: FedmsgPublisher,
        _ endpoint: String,
        _ amqp: PlainAMQP,
        _ url: String,
        while body: () async throws -> Void
    ) async throws {
        try await FrameSubscriber.with(connect: endpoint, expecting: .max) { subscriber in
            try await AMQPToFedmsg.probe(through: amqp) { try await subscriber.probes() > 0 }
            try await amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            try await PlainAMQP.with(url: url) { source in
                let traffic = Traffic(source: source, subscriber: subscriber)
                async let flow: Void = traffic.run()
                let count = try await publisher.publishNumbered(perSecond: 500) {
                    try await body()
                    let before = await traffic.sent
                    try await eventually("traffic goes on") { await traffic.sent > before + 300 }
                }
                await traffic.end()
                try await flow
                let toAMQP = try await amqp.numbers(untilAll: count)
                #expect(toAMQP.isInOrderApartFromRepeats, "\(toAMQP.runs)")
                let toFedmsg = try await subscriber.numbers(untilAll: traffic.sent)
                #expect(toFedmsg.repeats == 0, "\(toFedmsg.runs)")
                try await bridge.settles()
            }
        }
    }

    /// Publishes to AMQP what a subscriber of fedmsg takes, a little ahead of it.
    private actor Traffic {
        private static let lead = 300

        private let source: PlainAMQP
        private let subscriber: FrameSubscriber
        private var isOver = false
        private(set) var sent = 0

        init(source: PlainAMQP, subscriber: FrameSubscriber) {
            self.source = source
            self.subscriber = subscriber
        }

        func end() {
            isOver = true
        }

        func run() async throws {
            while !isOver {
                try await source.publishNumbered(100, from: sent)
                sent += 100
                try await eventually("it arrives", within: .seconds(90), every: .milliseconds(100)) {
                    isOver ? true : try await subscriber.numbers().received > sent - Self.lead
                }
            }
        }
    }
}
