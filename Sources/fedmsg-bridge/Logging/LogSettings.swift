import Bridge
import Logging
import Synchronization

/// What of the log is written, and how: in force for every logger at once, and changed while the process runs.
final class LogSettings: Sendable {
    static let shared = LogSettings()

    private struct State {
        var level = Logger.Level.info
        var format = LogFormat.text
        var repeats = LogRepeats()
    }

    private let state = Mutex(State())

    var level: Logger.Level { state.withLock { $0.level } }
    var format: LogFormat { state.withLock { $0.format } }

    func set(level: Logger.Level, format: LogFormat) {
        state.withLock { state in
            state.level = level
            state.format = format
        }
    }

    /// What to write of a line that says this.
    func pass(_ line: LogRepeats.Line, now: UInt64) -> [LogRepeats.Line] {
        state.withLock { $0.repeats.pass(line, now: now) }
    }

    /// What to write of what was held back, as of a time; all of it without one.
    func due(_ now: UInt64?) -> [LogRepeats.Line] {
        state.withLock { $0.repeats.due(now) }
    }
}
