import Foundation
import Testing

@Suite("Two queues that bring the same")
struct TwoQueuesTests {
    /// What becomes of the first copies, on their way to libzmq when the second ones come.
    enum End: CaseIterable {
        case areSent
        /// A reload names their queue no more, and it is deleted.
        case areLeft
        /// Their queue goes with the connection.
        case areGone
    }

    @Test(
        "A copy is the broker's until the first one is sent, and is sent itself where that one no longer will be",
        .timeLimit(.minutes(3)),
        arguments: End.allCases
    )
    func copies(end: End) async throws {
        let count = 10
        let queues = ["first", "second"]
        func use(_ queues: [String], _ settings: inout BridgeSettings) {
            let tables = queues.map { name in
                let isExclusive = end == .areGone && name == "first"
                return "\(name) = { durable = \(!isExclusive), exclusive = \(isExclusive) }"
            }
            settings["", "queues"] = "{ " + tables.joined(separator: ", ") + " }"
            let bindings = queues.map { ##"{ queue = "\##($0)", exchange = "amq.topic", routing_keys = ["#"] }"## }
            settings["", "bindings"] = "[" + bindings.joined(separator: ", ") + "]"
        }
        let inHand = #"fedmsg_bridge_in_flight_messages{direction="to_fedmsg"}"#
        try await VirtualHost.with { host in
            try await BrokerUser.with(on: host) { user in
                try await PlainAMQP.with(url: host.url) { amqp in
                    try await amqp.declare(queue: queues[1], boundTo: "amq.topic")
                    var settings = try BridgeSettings(amqpURL: user.url)
                    let endpoint = try settings.toFedmsg()
                    // Until somebody subscribes, libzmq is given nothing.
                    settings["to_fedmsg", "require_subscriber"] = "true"
                    settings["to_fedmsg", "post_init_sleep"] = "0"
                    use([queues[0]], &settings)
                    try await BridgeProcess.with(settings, waiting: false) { bridge in
                        try await eventually("all but a subscriber is there", detail: { bridge.process.lastWords }) {
                            try await bridge.readiness()?.reasons.map(\.code) == ["no_subscriber"]
                        }
                        try await amqp.publishNumbered(count)
                        try await bridge.until(inHand, is: Double(count))
                        try await bridge.reload { use(queues, &$0) }
                        try await eventually("the second copies are here") {
                            let dropped = try await bridge.accounting(.toFedmsg).dropped
                            return try await bridge.metric(inHand) == Double(2 * count - dropped)
                        }
                        switch end {
                        case .areSent: break
                        case .areLeft:
                            try await bridge.reload { use([queues[1]], &$0) }
                            try await host.broker.ctl("delete_queue", queues[0], "--vhost", host.name)
                        case .areGone:
                            try await user.disconnect()
                            try await bridge.until(
                                #"fedmsg_bridge_amqp_reconnects_total{direction="to_fedmsg"}"#,
                                is: 1
                            )
                        }
                        try await FrameSubscriber.with(connect: endpoint, expecting: count) { subscriber in
                            #expect(try await subscriber.sequence(within: .seconds(30)).runs == [[0, count]])
                            try await bridge.untilReady()
                            try await bridge.settles()
                            let accounting = try await bridge.accounting(.toFedmsg)
                            #expect(accounting.forwarded == count)
                            #expect(accounting.dropped == (end == .areSent ? count : 0))
                            try await eventually("the broker keeps none") { try await amqp.depth(queues[1]) == 0 }
                        }
                    }
                }
            }
        }
    }
}
