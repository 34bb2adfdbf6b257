public import CoreMetrics
import Synchronization

/// The swift-metrics backend that answers `/metrics`: Prometheus' text format 0.0.4.
///
/// Series are kept for the life of the process, so counters never go back. A series that is made
/// twice is the same one.
public final class PrometheusRegistry: MetricsFactory {
    private struct SeriesID: Hashable {
        var name: String
        var labels: String
    }

    private struct State {
        var counters: [SeriesID: PrometheusCounter] = [:]
        var floatingPointCounters: [SeriesID: PrometheusGauge] = [:]
        var gauges: [SeriesID: PrometheusGauge] = [:]
        var histograms: [SeriesID: PrometheusHistogram] = [:]
    }

    private let state = Mutex(State())
    private let help: [String: String]

    /// An empty registry.
    ///
    /// - Parameter help: a sentence for each metric's name; others get their name.
    public init(help: [String: String] = MetricHelp.texts) {
        self.help = help
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let id = SeriesID(name: label, labels: Self.labels(dimensions))
        return state.withLock { $0.counters.value(for: id, orInsert: PrometheusCounter()) }
    }

    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let id = SeriesID(name: label, labels: Self.labels(dimensions))
        return state.withLock { $0.floatingPointCounters.value(for: id, orInsert: PrometheusGauge()) }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let id = SeriesID(name: label, labels: Self.labels(dimensions))
        return state.withLock { $0.gauges.value(for: id, orInsert: PrometheusGauge()) }
    }

    /// A histogram where the values are aggregated, else a gauge of the last one.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let id = SeriesID(name: label, labels: Self.labels(dimensions))
        return state.withLock { state -> any RecorderHandler in
            if aggregate { return state.histograms.value(for: id, orInsert: PrometheusHistogram()) }
            return state.gauges.value(for: id, orInsert: PrometheusGauge())
        }
    }

    /// A histogram in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let id = SeriesID(name: label, labels: Self.labels(dimensions))
        return state.withLock { $0.histograms.value(for: id, orInsert: PrometheusHistogram()) }
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Everything in Prometheus' text format 0.0.4, by name.
    public func render() -> String {
        var families: [String: Family] = [:]
        state.withLock { state in
            for (id, counter) in state.counters {
                families[id.name, default: Family(type: "counter")].add(id.labels, String(counter.value))
            }
            for (id, counter) in state.floatingPointCounters {
                families[id.name, default: Family(type: "counter")].add(id.labels, counter.value.prometheusText)
            }
            for (id, gauge) in state.gauges {
                families[id.name, default: Family(type: "gauge")].add(id.labels, gauge.value.prometheusText)
            }
            for (id, histogram) in state.histograms {
                families[id.name, default: Family(type: "histogram")].add(id.labels, histogram.snapshot())
            }
        }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(help[name] ?? name)\n# TYPE \(name) \(family.type)\n"
            for line in family.lines.sorted(by: { $0.labels < $1.labels }) { text += line.text(name) }
        }
        return text
    }

    /// The value of a gauge; 0 where there is none.
    func gauge(_ name: String, _ dimensions: [(String, String)] = []) -> Double {
        let id = SeriesID(name: name, labels: Self.labels(dimensions))
        return state.withLock { $0.gauges[id] }?.value ?? 0
    }

    /// The value of a counter; 0 where there is none.
    func counter(_ name: String, _ dimensions: [(String, String)]) -> Int64 {
        let id = SeriesID(name: name, labels: Self.labels(dimensions))
        return state.withLock { $0.counters[id] }?.value ?? 0
    }

    /// `{a="b",c="d"}` in the order of names, empty without labels.
    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }.map { "\($0.0)=\"\($0.1.escapedLabel)\"" }.joined(separator: ",")
    }
}

/// The series of one name.
private struct Family {
    enum Value {
        case number(String)
        case histogram(PrometheusHistogram.Snapshot)
    }

    struct Line {
        var labels: String
        var value: Value

        func text(_ name: String) -> String {
            switch value {
            case .number(let number): return "\(name)\(braced("")) \(number)\n"
            case .histogram(let snapshot):
                var text = ""
                for (bound, count) in snapshot.cumulative {
                    text += "\(name)_bucket\(braced("le=\"\(bound)\"")) \(count)\n"
                }
                text += "\(name)_sum\(braced("")) \(snapshot.sum.prometheusText)\n"
                return text + "\(name)_count\(braced("")) \(snapshot.count)\n"
            }
        }

        private func braced(_ more: String) -> String {
            let all = [labels, more].filter { !$0.isEmpty }.joined(separator: ",")
            return all.isEmpty ? "" : "{\(all)}"
        }
    }

    var type: String
    var lines: [Line] = []

    mutating func add(_ labels: String, _ number: String) {
        lines.append(Line(labels: labels, value: .number(number)))
    }

    mutating func add(_ labels: String, _ snapshot: PrometheusHistogram.Snapshot) {
        lines.append(Line(labels: labels, value: .histogram(snapshot)))
    }
}

extension Dictionary {
    fileprivate mutating func value(for key: Key, orInsert new: @autoclosure () -> Value) -> Value {
        if let value = self[key] { return value }
        let value = new()
        self[key] = value
        return value
    }
}

extension String {
    fileprivate var escapedLabel: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
