import Bridge
import DequeModule
import Dispatch
import Foundation
import Synchronization

/// What each direction forwarded in the last hour, sampled every ten seconds.
final class RateHistory: Sendable {
    /// Messages a second.
    struct Rates: Sendable {
        /// Over about the last minute.
        var now = 0.0
        /// The highest of ``points``.
        var peak = 0.0
        /// One for each interval, oldest first; fewer than an hour's while the process is young.
        var points: [Double] = []
    }

    private struct Sample: Sendable {
        var time: Double
        var toAMQP: Int64
        var toFedmsg: Int64
    }

    static let interval = 10.0
    static let capacity = 360
    /// Intervals that the rate of now is taken over.
    private static let recent = 6

    private let samples = Mutex<Deque<Sample>>([])

    /// No samples yet.
    init() {}

    /// Seconds of the clock that the samples go by.
    static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    /// Takes a sample every ten seconds, until cancelled.
    func run(_ snapshot: @Sendable () -> StatusBoard.Snapshot) async {
        while !Task.isCancelled {
            note(snapshot(), at: Self.now)
            try? await Task.sleep(for: .seconds(Self.interval))
        }
    }

    /// Takes a sample; the oldest falls out after an hour.
    ///
    /// - Parameter time: seconds of a clock that only goes forward.
    func note(_ snapshot: StatusBoard.Snapshot, at time: Double) {
        let sample = Sample(time: time, toAMQP: snapshot.toAMQP.forwarded, toFedmsg: snapshot.toFedmsg.forwarded)
        samples.withLock { samples in
            samples.append(sample)
            if samples.count > Self.capacity + 1 { samples.removeFirst() }
        }
    }

    /// The rates of both directions, as of a snapshot that is no sample.
    func rates(_ snapshot: StatusBoard.Snapshot, at time: Double) -> (toAMQP: Rates, toFedmsg: Rates) {
        let samples = samples.withLock { Array($0) }
        let now = Sample(time: time, toAMQP: snapshot.toAMQP.forwarded, toFedmsg: snapshot.toFedmsg.forwarded)
        return (Self.rates(samples, now, \.toAMQP), Self.rates(samples, now, \.toFedmsg))
    }

    private static func rates(_ samples: [Sample], _ now: Sample, _ count: KeyPath<Sample, Int64>) -> Rates {
        func rate(_ from: Sample, _ to: Sample) -> Double {
            Double(to[keyPath: count] - from[keyPath: count]) / max(to.time - from.time, 0.001)
        }
        var rates = Rates()
        rates.points = zip(samples, samples.dropFirst()).map { rate($0, $1) }
        rates.peak = rates.points.max() ?? 0
        if let earlier = samples.suffix(recent).first, now.time - earlier.time >= 1 { rates.now = rate(earlier, now) }
        return rates
    }
}
