import Bridge
import Foundation
import Spool

/// Judges what a daemon's `/ready` and `/metrics` answered.
struct HealthCheck: Sendable {
    private let report: ReadinessReport
    private let metrics: MetricsText
    private let thresholds: HealthThresholds
    /// Seconds since 1970.
    private let now: Double
    private var state = HealthVerdict.State.ok
    private var problems: [String] = []
    private var measurements: [String] = []

    /// - Returns: `nil` where the metrics are not those of a bridge.
    static func verdict(
        report: ReadinessReport,
        metrics: MetricsText,
        thresholds: HealthThresholds,
        now: Double
    ) -> HealthVerdict? {
        var check = HealthCheck(report: report, metrics: metrics, thresholds: thresholds, now: now)
        return check.judge()
    }

    private init(report: ReadinessReport, metrics: MetricsText, thresholds: HealthThresholds, now: Double) {
        self.report = report
        self.metrics = metrics
        self.thresholds = thresholds
        self.now = now
    }

    private mutating func judge() -> HealthVerdict? {
        for note in report.reasons { add(.critical, "\(note.code) for \(age(note.since)): \(note.text)") }
        for note in report.warnings { add(.warning, "\(note.code) for \(age(note.since)): \(note.text)") }
        guard let waiting = bridge("spool_messages"), let oldest = bridge("spool_oldest_timestamp_seconds"),
            let letters = both("dead_letters"), let bytes = bridge("spool_file_bytes"),
            let maxBytes = bridge("spool_max_bytes"), let start = metrics["process_start_time_seconds"]
        else { return nil }
        measure("spool", waiting, thresholds.spool) { "\(Int($0)) messages wait" }
        measure("age", oldest > 0 ? max(0, (now - oldest).rounded()) : 0, thresholds.age, unit: "s") {
            "the oldest message has waited for \(PageFormat.duration($0))"
        }
        measure("dead_letters", letters, thresholds.deadLetters) { "\(Int($0)) dead letters" }
        measurements.append("spool_file=\(bytes.prometheusText)B;;;0;\(maxBytes.prometheusText)")
        for (direction, state) in [(Direction.toAMQP, report.toAMQP), (.toFedmsg, report.toFedmsg)] {
            guard let received = bridge("received_total", direction),
                let forwarded = bridge("forwarded_total", direction)
            else { return nil }
            let name = direction.rawValue
            measurements.append("\(name)_received=\(received.prometheusText)c;;;0")
            measurements.append("\(name)_forwarded=\(forwarded.prometheusText)c;;;0")
            guard state.enabled else { continue }
            let silence = max(0, (now - (state.lastMessageAt ?? start)).rounded())
            measure("\(name)_silence", silence, thresholds.silence, unit: "s") {
                "no message \(name) for \(PageFormat.duration($0))"
            }
        }
        let text = problems.isEmpty ? summary(waiting: waiting) : problems.joined(separator: "; ")
        return HealthVerdict(state, text, measurements: measurements)
    }

    private mutating func add(_ state: HealthVerdict.State, _ problem: String) {
        self.state = self.state.worse(state)
        problems.append(problem)
    }

    private mutating func measure(
        _ label: String,
        _ value: Double,
        _ thresholds: HealthThresholds.Pair,
        unit: String = "",
        _ problem: (Double) -> String
    ) {
        let state = thresholds.state(of: value)
        if state != .ok { add(state, problem(value)) }
        let limits = [thresholds.warning, thresholds.critical].map { $0?.prometheusText ?? "" }
        measurements.append("\(label)=\(value.prometheusText)\(unit);\(limits[0]);\(limits[1]);0")
    }

    private func summary(waiting: Double) -> String {
        let parts = [("to AMQP", report.toAMQP), ("to fedmsg", report.toFedmsg)].map { name, state in
            guard state.enabled else { return "\(name) off" }
            let last = state.lastMessageAt.map { "last message \(age($0)) ago" } ?? "no message yet"
            return "\(name) \(state.forwarded) forwarded, \(last)"
        }
        return (parts + ["\(Int(waiting)) wait"]).joined(separator: "; ")
    }

    private func age(_ since: Double) -> String { PageFormat.duration(max(0, now - since)) }

    private func bridge(_ name: String) -> Double? { metrics["fedmsg_bridge_\(name)"] }

    private func bridge(_ name: String, _ direction: Direction) -> Double? {
        metrics["fedmsg_bridge_\(name){direction=\"\(direction.rawValue)\"}"]
    }

    private func both(_ name: String) -> Double? {
        guard let one = bridge(name, .toAMQP), let other = bridge(name, .toFedmsg) else { return nil }
        return one + other
    }
}
