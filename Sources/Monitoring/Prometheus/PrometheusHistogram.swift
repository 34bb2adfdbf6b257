import CoreMetrics
import Synchronization

/// How often values fell under each of a row of bounds: seconds, from 1 ms to 6 h.
final class PrometheusHistogram: RecorderHandler, TimerHandler {
    /// Upper bounds in seconds; a last bucket takes what is over them.
    static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21600,
    ]

    struct Snapshot {
        /// Bounds as text, with how many values are not over them.
        var cumulative: [(bound: String, count: Int64)]
        var sum: Double
        var count: Int64
    }

    private struct State {
        var counts = [Int64](repeating: 0, count: bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func snapshot() -> Snapshot {
        let state = state.withLock { $0 }
        var count: Int64 = 0
        var cumulative: [(bound: String, count: Int64)] = []
        for (bound, number) in zip(Self.bounds.map(\.prometheusText) + ["+Inf"], state.counts) {
            count += number
            cumulative.append((bound, count))
        }
        return Snapshot(cumulative: cumulative, sum: state.sum, count: count)
    }
}
