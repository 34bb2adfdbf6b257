import Foundation
import Testing

@testable import Bridge
@testable import Monitoring

@Suite("Health check")
struct HealthCheckTests {
    private static let now = 1_000_000.0

    private static func metrics(waiting: Int = 0, oldest: Double = 0, letters: Int = 0) -> MetricsText {
        MetricsText(
            """
            # HELP fedmsg_bridge_spool_messages Messages.
            fedmsg_bridge_spool_messages \(waiting)
            fedmsg_bridge_spool_oldest_timestamp_seconds \(oldest)
            fedmsg_bridge_spool_file_bytes 4096
            fedmsg_bridge_spool_max_bytes 1000000
            fedmsg_bridge_dead_letters{direction="to_amqp"} \(letters)
            fedmsg_bridge_dead_letters{direction="to_fedmsg"} 0
            fedmsg_bridge_received_total{direction="to_amqp"} 12
            fedmsg_bridge_received_total{direction="to_fedmsg"} 0
            fedmsg_bridge_forwarded_total{direction="to_amqp"} 11
            fedmsg_bridge_forwarded_total{direction="to_fedmsg"} 0
            process_start_time_seconds \(now - 500)
            """
        )
    }

    private static func verdict(
        _ snapshot: StatusBoard.Snapshot = healthy,
        metrics: MetricsText = metrics(),
        _ thresholds: HealthThresholds = .init()
    ) -> HealthVerdict? {
        HealthCheck.verdict(report: ReadinessReport(snapshot), metrics: metrics, thresholds: thresholds, now: now)
    }

    private static var healthy: StatusBoard.Snapshot {
        var snapshot = StatusBoard.Snapshot()
        snapshot.toAMQP.enabled = true
        snapshot.toAMQP.forwarded = 11
        snapshot.toAMQP.lastMessageAt = now - 42
        return snapshot
    }

    @Test("All well is one line with what was forwarded, and measurements")
    func ok() {
        let line = Self.verdict()?.line
        #expect(
            line == """
                FEDMSG-BRIDGE OK - to AMQP 11 forwarded, last message 42 s ago; to fedmsg off; 0 wait \
                | spool=0;;;0 age=0s;;;0 dead_letters=0;;;0 spool_file=4096B;;;0;1000000 to_amqp_received=12c;;;0 \
                to_amqp_forwarded=11c;;;0 to_amqp_silence=42s;;;0 to_fedmsg_received=0c;;;0 to_fedmsg_forwarded=0c;;;0
                """
        )
    }

    @Test("A reason is critical, a warning is one, and both are told with how long they hold")
    func notes() {
        var snapshot = Self.healthy
        snapshot.warnings = [.init(code: "held", text: "it rests", since: Self.now - 10)]
        #expect(Self.verdict(snapshot)?.state == .warning)
        snapshot.reasons = [.init(code: "broker_away", text: "refused", since: Self.now - 300)]
        let verdict = Self.verdict(snapshot)
        #expect(verdict?.state == .critical)
        #expect(verdict?.text == "broker_away for 5 min: refused; held for 10 s: it rests")
    }

    @Test(
        "A number is judged by what it is over",
        arguments: [(100.0, 200.0, .ok), (99.0, 200.0, .warning), (50.0, 99.0, .critical)]
            as [(Double, Double, HealthVerdict.State)]
    )
    func thresholds(warning: Double, critical: Double, state: HealthVerdict.State) {
        let pair = HealthThresholds.Pair(warning: warning, critical: critical)
        var thresholds = HealthThresholds()
        thresholds.spool = pair
        #expect(Self.verdict(metrics: Self.metrics(waiting: 100), thresholds)?.state == state)
        thresholds = HealthThresholds()
        thresholds.age = pair
        #expect(Self.verdict(metrics: Self.metrics(waiting: 1, oldest: Self.now - 100), thresholds)?.state == state)
        thresholds = HealthThresholds()
        thresholds.deadLetters = pair
        #expect(Self.verdict(metrics: Self.metrics(letters: 100), thresholds)?.state == state)
    }

    @Test("Silence counts only where it is asked for, in directions that are enabled, since the start at most")
    func silence() {
        var thresholds = HealthThresholds()
        thresholds.silence = .init(warning: 40)
        #expect(Self.verdict(Self.healthy, thresholds)?.text == "no message to_amqp for 42 s")
        var snapshot = Self.healthy
        snapshot.toAMQP.lastMessageAt = nil
        #expect(Self.verdict(snapshot, thresholds)?.text == "no message to_amqp for 8 min")
        #expect(Self.verdict(snapshot)?.state == .ok)
    }

    @Test("Nothing quoted breaks the line or begins the measurements")
    func hostileText() {
        var snapshot = Self.healthy
        snapshot.reasons = [.init(code: "tls", text: "a\nb|c\u{1B}[2J\u{0D4E}|", since: Self.now)]
        let line = Self.verdict(snapshot)?.line ?? ""
        #expect(line.contains(#"a\nb/c\u{1B}[2J"# + "\u{0D4E}/ | spool"))
        #expect(!line.contains("\n"))
    }

    @Test("Metrics of another program are no bridge's")
    func stranger() {
        #expect(Self.verdict(metrics: MetricsText("go_goroutines 1\n")) == nil)
    }
}
