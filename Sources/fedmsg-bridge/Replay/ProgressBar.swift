import Foundation
import Replay

/// A line on a terminal that is written over: how far, how many, how fast, how long yet.
final class ProgressBar {
    private static let width = 24
    private static let interval = Duration.milliseconds(100)

    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    private var drawn: ContinuousClock.Instant?

    /// A bar where standard error is a terminal that can write over a line, else nil.
    static func onTerminal() -> ProgressBar? {
        guard isatty(STDERR_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" else { return nil }
        return ProgressBar()
    }

    func draw(_ progress: ReplayProgress) {
        let now = clock.now
        if let drawn, now - drawn < Self.interval { return }
        drawn = now
        StandardError.write("\r" + Self.text(progress, elapsed: now - start) + "\u{1B}[K")
    }

    /// Makes room for other output.
    func clear() {
        guard drawn != nil else { return }
        drawn = nil
        StandardError.write("\r\u{1B}[K")
    }

    /// For example "[############------------]  50 %  1200 read, 400/s, 0:03 left".
    static func text(_ progress: ReplayProgress, elapsed: Duration) -> String {
        let seconds = elapsed / .seconds(1)
        let rate = seconds > 0 ? Int(Double(progress.counts.read) / seconds) : 0
        let counts = "\(progress.counts.read) read, \(rate)/s"
        guard let fraction = progress.fraction else { return counts }
        let done = Int(fraction * Double(width))
        let bar = String(repeating: "#", count: done) + String(repeating: "-", count: width - done)
        let left = fraction > 0 ? Int(seconds / fraction * (1 - fraction)) : 0
        let percent = "\(Int(fraction * 100))"
        let padding = String(repeating: " ", count: 3 - percent.count)
        let time = "\(left / 60):" + (left % 60 < 10 ? "0" : "") + "\(left % 60)"
        return "[\(bar)] \(padding)\(percent) %  \(counts), \(time) left"
    }
}
