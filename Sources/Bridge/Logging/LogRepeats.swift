package import Logging

/// Lets the same trouble through once a minute, and counts the others: a plain value, its times handed in.
///
/// The same is what has the same level, message and metadata, but for what counts or measures. Lines below `warning`
/// always pass.
package struct LogRepeats: Sendable {
    /// A log line, to be written.
    package struct Line: Equatable, Sendable {
        package var level: Logger.Level
        package var message: String
        package var metadata: [String: String]

        package init(level: Logger.Level, message: String, metadata: [String: String]) {
            self.level = level
            self.message = message
            self.metadata = metadata
        }
    }

    fileprivate struct Kind: Hashable {
        var message: String
        var metadata: [String: String]
    }

    fileprivate struct Held {
        var last: Line
        /// When one was let through, in nanoseconds.
        var since: UInt64
        var count = 0
    }

    /// Nanoseconds between two lines of a kind.
    static let interval: UInt64 = 60_000_000_000
    /// Kinds that are remembered: one more, and all are forgotten.
    static let limit = 500
    /// Keys whose values make no other kind.
    private static let varying: Set<String> = [LogKey.count, LogKey.seconds, "wait", "generation", LogKey.repeated]

    private var kinds: [Kind: Held] = [:]

    /// Nothing has been said yet.
    package init() {}

    /// - Parameter now: nanoseconds of any clock that only goes forward.
    /// - Returns: what to write now: the line, unless it has to wait, after those that have waited for a minute, each
    ///   with `repeated`, how many it stands for.
    package mutating func pass(_ line: Line, now: UInt64) -> [Line] {
        var lines = due(now)
        guard line.level >= .warning else { return lines + [line] }
        let kind = Kind(
            message: line.message,
            metadata: line.metadata.filter { !Self.varying.contains($0.key) }
        )
        if kinds[kind] != nil {
            kinds[kind]?.last = line
            kinds[kind]?.count += 1
            return lines
        }
        if kinds.count >= Self.limit {
            lines += kinds.values.filter { $0.count > 0 }.map(\.summary)
            kinds = [:]
        }
        kinds[kind] = Held(last: line, since: now)
        return lines + [line]
    }

    /// What has waited for a minute, where no other line has come.
    ///
    /// - Parameter now: nil at the end, when nothing need wait.
    package mutating func due(_ now: UInt64?) -> [Line] {
        var lines: [Line] = []
        for (kind, held) in kinds where now.map({ $0 >= held.since + Self.interval }) ?? true {
            if held.count > 0 { lines.append(held.summary) }
            kinds[kind] = held.count > 0 ? now.map { Held(last: held.last, since: $0) } : nil
        }
        return lines
    }
}

extension LogRepeats.Held {
    fileprivate var summary: LogRepeats.Line {
        var line = last
        line.metadata[LogKey.repeated] = "\(count)"
        return line
    }
}
