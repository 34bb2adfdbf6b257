import Spool
import Testing

@testable import Bridge
@testable import Monitoring

@Suite("What one direction counts")
struct DirectionMetricsTests {
    private let registry = PrometheusRegistry()
    private let board = StatusBoard { 0 }
    private let metrics: DirectionMetrics

    init() {
        metrics = DirectionMetrics(direction: .toFedmsg, board: board, factory: registry)
    }

    private func value(_ name: String) -> String? {
        let series = "fedmsg_bridge_\(name){direction=\"to_fedmsg\"} "
        return registry.render().split(separator: "\n").first { $0.hasPrefix(series) }
            .map { String($0.dropFirst(series.count)) }
    }

    @Test("What is tried again is received, but is no last message")
    func retried() {
        metrics.received(2, at: 7)
        metrics.received(3, at: nil)
        #expect(value("received_total") == "5")
        #expect(value("last_message_timestamp_seconds") == "7")
        #expect(board.snapshot().toFedmsg.received == 5)
        #expect(board.snapshot().toFedmsg.lastMessageAt == 7)
    }

    @Test("A clock that is set back makes no latency negative")
    func setBack() {
        metrics.forwarded(latencies: [-3600, 2])
        #expect(value("latency_seconds_sum") == "2")
        #expect(value("latency_seconds_count") == "2")
    }
}
