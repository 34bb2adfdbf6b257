import Foundation
import Testing

/// What the real daemon exports.
@Suite("Metrics of the daemon")
struct MetricsTests {
    @Test("Every series is there from the start, and no other", .timeLimit(.minutes(5)))
    func complete() async throws {
        try await Self.withIdleBridge { bridge in
            // What was built is not known here: that its version and revision are labels is.
            let labels = /\{revision="[0-9a-f]*",version="[^"]+"\}/
            let series = Set(try await Self.scrape(bridge).keys.map { $0.replacing(labels, with: "") })
            let expected = ExpectedMetrics.series
            #expect(expected.subtracting(series).sorted() == [])
            #expect(series.subtracting(expected).sorted() == [])
        }
    }

    @Test("promtool finds nothing to say", .timeLimit(.minutes(5)))
    func promtool() async throws {
        try await Self.withIdleBridge { bridge in
            try await withTemporaryDirectory { folder in
                let file = folder.appending(path: "metrics.txt")
                try #require(try await bridge.get("/metrics")).body.write(to: file)
                let command = "promtool check metrics < '\(file.path)'"
                try await ChildProcess.with(URL(filePath: "/bin/sh"), ["-c", command]) { promtool in
                    let exit = try await promtool.awaitEnd()
                    #expect(exit == .code(0))
                    #expect(promtool.output.lines + promtool.errors.lines == [])
                }
            }
        }
    }

    @Test("Whatever passes, counters never go back and no series is added", .timeLimit(.minutes(2)))
    func bounded() async throws {
        try await FedmsgToAMQP.with { scene in
            let before = try await Self.scrape(scene.bridge)
            let payloads = [
                #"{"msg":{"a":1},"topic":"org.x","msg_id":"2026-1"}"#,
                #"{"msg":{"a":1},"topic":"org.x","msg_id":"2026-1"}"#,
                #"{"msg":{"a":1},"topic":"org.x","username":"amqp-bridge"}"#, "not json", "[]", "{}", #"{"msg":1}"#,
            ]
            for (number, payload) in payloads.enumerated() {
                try await scene.publisher.publish(topic: "org.\(number % 2 == 0 ? "x" : "y")", payload)
            }
            let received = #"fedmsg_bridge_received_total{direction="to_amqp"}"#
            try await scene.bridge.until(received, is: Double(payloads.count))
            let after = try await Self.scrape(scene.bridge)
            #expect(Set(after.keys) == Set(before.keys))
            let counters = before.filter { series, _ in
                let name = series.prefix { $0 != "{" }
                return ["_total", "_bucket", "_count"].contains { name.hasSuffix($0) }
            }
            for (series, value) in counters { #expect(after[series] ?? -1 >= value, "\(series)") }
            #expect(after[#"fedmsg_bridge_rejected_total{direction="to_amqp",reason="bad_json"}"#] == 1)
        }
    }

    /// A daemon of both directions, without a broker.
    private static func withIdleBridge(_ body: (BridgeProcess) async throws -> Void) async throws {
        var settings = try BridgeSettings(amqpURL: "amqp://127.0.0.1:\(freePort())")
        settings.toAMQP(from: ["tcp://127.0.0.1:\(try freePort())"])
        try settings.toFedmsg()
        try await BridgeProcess.with(settings, waiting: false) { bridge in
            try await bridge.untilNotReady(because: "broker_away")
            try await body(bridge)
        }
    }

    private static func scrape(_ bridge: BridgeProcess) async throws -> [String: Double] {
        let body = try #require(try await bridge.get("/metrics")).body
        let lines = String(decoding: body, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        let samples = try lines.map { line in
            let space = try #require(line.lastIndex(of: " "))
            return (String(line[..<space]), try #require(Double(line[line.index(after: space)...])))
        }
        return Dictionary(samples) { _, last in last }
    }
}
