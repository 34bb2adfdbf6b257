import Foundation
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

    @Test("What the broker has to be told anew reconnects, and nothing is lost by that", .timeLimit(.minutes(4)))
    func reconnects() async throws {
        try await FedmsgToAMQP.with { scene in
            try await scene.amqp.consume(FedmsgToAMQP.queue, expecting: .max)
            let metric = #"fedmsg_bridge_amqp_reconnects_total{direction="to_amqp"}"#
            let count = try await scene.publisher.publishNumbered(perSecond: 500) {
                try await scene.bridge.reload { $0["client_properties", "app"] = "\"another\"" }
                try await scene.bridge.until(metric, is: 1)
            }
            _ = try await scene.amqp.numbers(untilAll: count)
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
            let readiness = try await scene.bridge.readiness()
            #expect(readiness?.warnings.map(\.code) == ["config_not_reloaded"])
            #expect(readiness?.status == "warning")
            for mistake in ["nonsense", "unheard_of"] { _ = try await scene.bridge.logged(mistake) }
            try await scene.amqp.consume(FedmsgToAMQP.queue)
            try await scene.publisher.publish(topic: "a.b", #"{"msg": {}, "msg_id": "2019-1"}"#)
            #expect(try await scene.amqp.next().topic == "a.b")
            try await scene.bridge.reload { _ in }
            #expect(try await scene.bridge.metric(Self.success) == 1)
            #expect(try await scene.bridge.readiness()?.status == "ok")
        }
    }

    @Test("The log's level and format change in place; what needs a restart is named")
    func logAndRest() async throws {
        try await FedmsgToAMQP.with({ $0["log", "level"] = "\"warning\"" }) { scene in
            #expect(!scene.bridge.process.errors.lines.contains { $0.contains("running") })
            try await scene.bridge.reload { settings in
                settings["log", "level"] = "\"info\""
                settings["log", "format"] = "\"json\""
                settings["spool", "duplicate_window"] = "700"
                settings["to_amqp", "mandatory"] = "true"
            }
            let line = try await scene.bridge.logged("after a restart")
            #expect(line.hasPrefix("{") && line.contains(#""keys":"to_amqp spool""#))
            #expect(scene.bridge.process.errors.lines.contains { $0.contains(#""level":"notice""#) })
        }
    }
}
