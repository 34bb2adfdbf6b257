import Foundation
import Synchronization
import Testing

/// SIGHUP, while messages pass.
@Suite struct ReloadTests {
    private static let success = "fedmsg_bridge_config_last_reload_successful"

    @Test("Endpoints come and go while the others go on, and nothing of theirs is lost", .timeLimit(.minutes(4)))
    func endpoints() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            try await FedmsgPublisher.with { other in
                let count = try await scene.publisher.publishNumbered(perSecond: 500) {
                    try await scene.bridge.reload { $0.toAMQP(from: [scene.publisher.endpoint, other.endpoint]) }
                    try await other.subscribed()
                    try await scene.bridge.until("fedmsg_bridge_zmq_connected_endpoints", is: 2)
                    try await scene.bridge.reload { _ in }
                    try await other.unsubscribed()
                }
                let numbers = try await scene.amqp.numbers(untilAll: count)
                #expect(numbers.repeats == 0)
                #expect(try await scene.bridge.metric("fedmsg_bridge_zmq_endpoints") == 1)
            }
        }
    }

    @Test("What waits for an exchange that is missing goes to the one that a reload names", .timeLimit(.minutes(2)))
    func exchange() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.bridge.reload { $0["to_amqp", "exchange"] = "\"nowhere\"" }
            try await scene.bridge.untilNotReady(because: "exchange_missing")
            try await scene.publisher.publishNumbered(20)
            try await scene.bridge.until("fedmsg_bridge_spool_messages", is: 20)
            try await scene.bridge.reload { _ in }
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: 20)
            #expect(try await scene.amqp.sequence(within: .seconds(60)).runs == [[0, 20]])
            try await scene.bridge.untilReady()
            try await scene.bridge.settles()
        }
    }

    @Test("What waits and is too long under a new prefix is kept, and holds nothing up", .timeLimit(.minutes(2)))
    func topicTooLong() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.bridge.reload { $0["to_amqp", "exchange"] = "\"nowhere\"" }
            try await scene.bridge.untilNotReady(because: "exchange_missing")
            let topic = String(repeating: "t", count: 250)
            try await scene.publisher.publish(topic: topic, #"{"msg": {}, "msg_id": "2019-1"}"#)
            try await scene.publisher.publishNumbered(20)
            try await scene.bridge.until("fedmsg_bridge_spool_messages", is: 21)
            try await scene.bridge.reload { $0["", "topic_prefix"] = "\"prefix\"" }
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: 20)
            #expect(try await scene.amqp.sequence(within: .seconds(60)).runs == [[0, 20]])
            try await scene.bridge.settles()
            let letters = try await scene.bridge.deadLetters()
            #expect(letters.map(\.reason) == ["topic_too_long"])
            #expect(letters.map(\.topic) == [topic])
        }
    }

    @Test("Another broker gets what is declared there, and nothing that only the last one had", .timeLimit(.minutes(2)))
    func brokerAndTopology() async throws {
        func use(_ name: String, _ settings: inout BridgeSettings) {
            settings["", "exchanges"] = #"{ "\#(name)" = { type = "topic" } }"#
            settings["", "queues"] = "{ \(name) = { durable = true } }"
            settings["", "bindings"] = ##"[{ queue = "\##(name)", exchange = "\##(name)", routing_keys = ["#"] }]"##
            settings["to_amqp", "exchange"] = "\"\(name)\""
        }
        try await VirtualHost.with { other in
            try await VirtualHost.with { host in
                try await FaultProxy.with(brokerPort: host.broker.state.amqpPort) { proxy, port in
                    var settings = try BridgeSettings(amqpURL: "amqp://guest:guest@127.0.0.1:\(port)/\(host.name)")
                    settings.toAMQP(from: ["tcp://127.0.0.1:\(try freePort())"])
                    try settings.toFedmsg()
                    use("old", &settings)
                    try await BridgeProcess.with(settings, waiting: false) { bridge in
                        for direction in ["to_amqp", "to_fedmsg"] {
                            try await bridge.until(Self.connected(direction), is: 1)
                        }
                        // Of the two connections one is closed late: by then the other one has long been opened anew.
                        let isHolding = Atomic(false)
                        proxy.set { frame in
                            frame.isMethod(10, 50) && !isHolding.exchange(true, ordering: .relaxed) ? .hold : .forward
                        }
                        async let reloaded: Void = bridge.reload { settings in
                            settings["", "amqp_url"] = "\"\(other.url)\""
                            use("new", &settings)
                        }
                        try await eventually("one is connected to the other broker") {
                            for direction in ["to_amqp", "to_fedmsg"] {
                                let reconnects = #"fedmsg_bridge_amqp_reconnects_total{direction="\#(direction)"}"#
                                if try await bridge.metric(reconnects) == 1 { return true }
                            }
                            return false
                        }
                        try await proxy.release()
                        try await reloaded
                        try await eventually("the queue is consumed from") {
                            try await other.broker.ctl("-q", "-p", other.name, "list_consumers").contains("new")
                        }
                        for (host, left) in [(host, "new"), (other, "old")] {
                            for what in ["exchanges", "queues"] {
                                let names = try await host.broker.ctl("-q", "-p", host.name, "list_\(what)", "name")
                                #expect(!names.contains(left), "\(names)")
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("With a broker that is not there a reload leaves nothing connected, and says so", .timeLimit(.minutes(2)))
    func brokerAway() async throws {
        try await FedmsgToAMQP.with { scene in
            let connected = Self.connected("to_amqp")
            try await scene.bridge.until(connected, is: 1)
            try await scene.bridge.reload { $0["", "amqp_url"] = "\"amqp://127.0.0.1:\(try freePort())\"" }
            try await scene.bridge.untilNotReady(because: "broker_away")
            try await scene.bridge.until(connected, is: 0)
        }
    }

    @Test("A wrong configuration changes nothing, names every mistake, and shows until it is right again")
    func wrong() async throws {
        try await FedmsgToAMQP.with { scene in
            #expect(try await scene.bridge.metric(Self.success) == 1)
            try await scene.bridge.reload { settings in
                settings.toAMQP(from: ["nonsense"])
                settings["to_amqp", "unheard_of"] = "1"
                settings["log", "level"] = "\"error\""
            }
            #expect(try await scene.bridge.metric(Self.success) == 0)
            try await scene.bridge.expectAgreement(status: "warning", codes: ["config_not_reloaded"])
            for mistake in ["nonsense", "unheard_of"] { _ = try await scene.bridge.logged(mistake) }
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            try await scene.publisher.publish(topic: "a.b", #"{"msg": {}, "msg_id": "2019-1"}"#)
            #expect(try await scene.amqp.next().topic == "a.b")
            try await scene.bridge.reload { _ in }
            #expect(try await scene.bridge.metric(Self.success) == 1)
            #expect(try await scene.bridge.readiness()?.status == "ok")
        }
    }

    @Test("The log's level and format change in place; each key that needs a restart is named, and no other")
    func logAndRest() async throws {
        try await FedmsgToAMQP.with({ $0["log", "level"] = "\"warning\"" }) { scene in
            #expect(!scene.bridge.process.errors.lines.contains { $0.contains("running") })
            try await scene.bridge.reload { settings in
                settings["log", "level"] = "\"info\""
                settings["log", "format"] = "\"json\""
                settings["spool", "path"] = "\"/nowhere/spool.sqlite\""
                // Too little for the messages that may come until then.
                settings["spool", "max_bytes"] = "200000000"
                settings["to_amqp", "max_message_bytes"] = "1000"
                settings["monitoring", "address"] = "\"127.0.0.2\""
                settings["to_amqp", "mandatory"] = "true"
                settings["to_amqp", "zmq_tcp_keepalive"] = "0"
            }
            let line = try await scene.bridge.logged("after a restart")
            #expect(line.hasPrefix("{"))
            #expect(line.contains(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/), "\(line)")
            let old = try #require(scene.bridge.process.errors.lines.first { !$0.hasPrefix("{") })
            #expect(old.contains(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [a-z]/), "\(old)")
            let keys = [
                "to_amqp.max_message_bytes", "to_amqp.zmq_tcp_keepalive", "spool.path", "spool.max_bytes",
                "monitoring.address",
            ]
            #expect(line.contains(#""keys":"\#(keys.joined(separator: " "))""#), "\(line)")
            #expect(scene.bridge.process.errors.lines.contains { $0.contains(#""level":"notice""#) })
        }
    }

    @Test("What becomes of the next message changes in place", .timeLimit(.minutes(2)))
    func translation() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            try await scene.bridge.reload { settings in
                settings["", "topic_prefix"] = "\"pre\""
                settings["", "publish_priority"] = "3"
                settings["to_amqp", "body"] = "\"envelope\""
                settings["to_fedmsg", "bridge_usernames"] = "[\"another\"]"
                settings["to_fedmsg", "username"] = "\"ours\""
            }
            for name in ["another", "ours"] {
                let looped = #"{"msg": {}, "msg_id": "2019-1", "username": "\#(name)"}"#
                try await scene.publisher.publish(topic: "a.b", looped)
            }
            let envelope = #"{"msg": {}, "msg_id": "2019-2"}"#
            try await scene.publisher.publish(topic: "a.b", envelope)
            let message = try await scene.amqp.next()
            #expect(message.topic == "pre.a.b")
            #expect(message.property("priority") == "3")
            #expect(message.body == Data(envelope.utf8))
            let page = String(decoding: try #require(try await scene.bridge.get("/")).body, as: UTF8.self)
            #expect(page.contains("topic_prefix = &quot;pre&quot;"))
            #expect(try await scene.bridge.metric(#"fedmsg_bridge_amqp_reconnects_total{direction="to_amqp"}"#) == 0)
        }
    }

    @Test("A spool that takes nothing does again once its new limits let it", .timeLimit(.minutes(2)))
    func spool() async throws {
        try await FedmsgToAMQP.with({ $0["spool", "min_free_bytes"] = "9000000000000000000" }) { scene in
            try await scene.publisher.publishNumbered(100)
            try await eventually("/ready warns") {
                try await scene.bridge.readiness()?.warnings.map(\.code) == ["degraded"]
            }
            try await scene.bridge.reload { settings in
                settings["spool", "min_free_bytes"] = "1"
                settings["spool", "max_bytes"] = "1000000000"
            }
            try await scene.publisher.publishNumbered(100, from: 100)
            try await eventually("it is well") { try await scene.bridge.readiness()?.status == "ok" }
            #expect(try await scene.bridge.metric("fedmsg_bridge_spool_max_bytes") == 1_000_000_000)
            try await scene.bridge.receives(200)
            try await scene.bridge.settles()
            #expect(try await scene.bridge.accounting(.toAMQP).forwarded == 200)
        }
    }

    @Test("Signatures are checked, and not, from the next message on", .timeLimit(.minutes(2)))
    func validation() async throws {
        try await FedmsgPeer.with { peer in
            try await FedmsgToAMQP.with { scene in
                try await scene.amqp.consume(FedmsgToAMQP.queue)
                func expectArrival(_ number: Int) async throws {
                    let id = "2019-\(number)"
                    try await scene.publisher.publish(topic: "a.b", #"{"msg": {}, "msg_id": "\#(id)", "topic": "a.b"}"#)
                    #expect(try await scene.amqp.next().property("message_id") == id)
                }
                let unsigned = #"fedmsg_bridge_rejected_total{direction="to_amqp",reason="unsigned"}"#
                try await expectArrival(1)
                try await scene.bridge.reload { $0.validate(trusting: peer) }
                let unsignedMessage = #"{"msg": {}, "msg_id": "2019-2", "topic": "a.b"}"#
                try await scene.publisher.publish(topic: "a.b", unsignedMessage)
                try await scene.bridge.until(unsigned, is: 1)
                #expect(try await scene.bridge.metric(Self.expiry("ca")) ?? 0 > 0)
                try await scene.bridge.reload { _ in }
                try await expectArrival(3)
                #expect(try await scene.bridge.metric(unsigned) == 1)
                #expect(try await scene.bridge.metric(Self.expiry("ca")) == 0)
            }
        }
    }

    @Test("What waits for an expired CRL goes on when signatures are checked no longer", .timeLimit(.minutes(2)))
    func validationOff() async throws {
        try await FedmsgPeer.with { peer in
            try await FedmsgToAMQP.with({ $0.validate(trusting: peer, revocationList: "crl-expired.pem") }) { scene in
                try await scene.publisher.publishNumbered(10)
                try await scene.bridge.untilNotReady(because: "crl_expired")
                try await scene.bridge.reload { $0["crypto", "validate_signatures"] = "false" }
                try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: 10)
                #expect(try await scene.amqp.sequence(within: .seconds(30)).runs == [[0, 10]])
                try await scene.bridge.untilReady()
            }
        }
    }

    @Test("Messages are signed, and not, from the next one on", .timeLimit(.minutes(2)))
    func signing() async throws {
        try await FedmsgPeer.with { peer in
            try await AMQPToFedmsg.with { scene in
                try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                    try await scene.until(subscriber, getsSigned: false)
                    try await scene.bridge.reload { $0.sign(as: "app01", in: peer.pki) }
                    try await scene.until(subscriber, getsSigned: true)
                    #expect(try await scene.bridge.metric(Self.expiry("own")) ?? 0 > 0)
                    try await scene.bridge.reload { _ in }
                    try await scene.until(subscriber, getsSigned: false)
                }
            }
        }
    }

    @Test("Another user's name is that of the next message", .timeLimit(.minutes(2)))
    func username() async throws {
        struct Envelope: Decodable { let username: String }
        try await AMQPToFedmsg.with { scene in
            try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                func untilSaid(_ name: String) async throws {
                    try await scene.probe {
                        try subscriber.taken().contains {
                            try JSONDecoder().decode(Envelope.self, from: $0[1]).username == name
                        }
                    }
                }
                try await untilSaid("amqp-bridge")
                try await scene.bridge.reload { $0["to_fedmsg", "username"] = "\"ours\"" }
                try await untilSaid("ours")
                let reconnects = #"fedmsg_bridge_amqp_reconnects_total{direction="to_fedmsg"}"#
                #expect(try await scene.bridge.metric(reconnects) == 0)
            }
        }
    }

    @Test("Without its endpoints, a direction that is switched off goes on until the restart", .timeLimit(.minutes(2)))
    func switchedOffToAMQP() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.bridge.reload { settings in
                settings["to_amqp", "enabled"] = "false"
                settings["to_amqp", "zmq_endpoints"] = nil
                settings["crypto", "routing_nitpicky"] = "true"
            }
            let line = try await scene.bridge.logged("after a restart")
            #expect(line.contains("to_amqp.enabled to_amqp.zmq_endpoints crypto.routing_nitpicky"), "\(line)")
            try await scene.publisher.publishNumbered(20)
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: 20)
            #expect(try await scene.amqp.sequence(within: .seconds(60)).runs == [[0, 20]])
        }
    }

    @Test("Without its queues, a direction that is switched off keeps them until the restart", .timeLimit(.minutes(2)))
    func switchedOffToFedmsg() async throws {
        let mine: (inout BridgeSettings) -> Void = { settings in
            settings["", "queues"] = "{ mine = { durable = true } }"
            settings["", "bindings"] =
                ##"[{ exchange = "amq.topic", routing_keys = ["\##(AMQPToFedmsg.probeTopic)"] }]"##
        }
        try await AMQPToFedmsg.with(mine) { scene in
            try await scene.bridge.reload { settings in
                settings["to_fedmsg", "enabled"] = "false"
                settings["", "queues"] = nil
                settings["", "bindings"] = nil
                settings["crypto", "ssldir"] = "\"/nowhere\""
            }
            let line = try await scene.bridge.logged("after a restart")
            #expect(line.contains("queues bindings to_fedmsg.enabled crypto.ssldir"), "\(line)")
            let queues = try await scene.host.broker.ctl("-q", "-p", scene.host.name, "list_queues", "name")
            #expect(!queues.contains("fedmsg-bridge"), "\(queues)")
            try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                try await scene.probe { try !subscriber.taken().isEmpty }
            }
        }
    }

    @Test("Without its files, a direction that is switched off signs until the restart", .timeLimit(.minutes(2)))
    func switchedOffSigning() async throws {
        try await FedmsgPeer.with { peer in
            try await withTemporaryDirectory { folder in
                let pki = folder.appending(path: "pki")
                try FileManager.default.copyItem(at: peer.pki, to: pki)
                try await AMQPToFedmsg.with({ $0.sign(as: "app01", in: pki) }) { scene in
                    try FileManager.default.removeItem(at: pki)
                    try await scene.bridge.reload { settings in
                        settings["to_fedmsg", "enabled"] = "false"
                        settings["crypto", "sign_messages"] = "false"
                    }
                    let line = try await scene.bridge.logged("after a restart")
                    #expect(line.contains("to_fedmsg.enabled crypto.sign_messages"), "\(line)")
                    let codes = try await scene.bridge.readiness()?.warnings.map(\.code)
                    #expect(codes?.contains("config_not_reloaded") == false)
                    try await FrameSubscriber.with(connect: scene.endpoint) { subscriber in
                        try await scene.until(subscriber, getsSigned: true)
                    }
                }
            }
        }
    }

    private static func connected(_ direction: String) -> String {
        #"fedmsg_bridge_amqp_connected{direction="\#(direction)"}"#
    }

    private static func expiry(_ what: String) -> String {
        #"fedmsg_bridge_certificate_expiry_timestamp_seconds{what="\#(what)"}"#
    }
}

extension AMQPToFedmsg {
    fileprivate func until(_ subscriber: FrameSubscriber, getsSigned isSigned: Bool) async throws {
        try await probe {
            try subscriber.taken().contains { frames in
                String(decoding: frames[1], as: UTF8.self).contains(#""signature""#) == isSigned
            }
        }
    }
}
