/// Lets one line of a kind through a minute, and counts the others.
struct LogThrottle<Kind: Hashable & Sendable>: Sendable {
    private var lines: [Kind: (last: UInt64, held: Int)] = [:]
    private let interval: UInt64

    /// - Parameter interval: nanoseconds between two lines of a kind.
    init(interval: UInt64 = 60_000_000_000) {
        self.interval = interval
    }

    /// Whether to log now that something happened.
    ///
    /// - Parameters:
    ///   - count: how often it happened.
    ///   - now: nanoseconds of any clock that only goes forward.
    /// - Returns: how many the line stands for; `nil` where it has to wait.
    mutating func pass(_ kind: Kind, count: Int = 1, now: UInt64) -> Int? {
        guard let line = lines[kind], now < line.last + interval else {
            let held = lines[kind]?.held ?? 0
            lines[kind] = (now, 0)
            return held + count
        }
        lines[kind] = (line.last, line.held + count)
        return nil
    }

    /// What was held back and need wait no longer, where nothing more of its kind has come.
    ///
    /// - Parameter now: nil at the end, when nothing need wait. It may have been asked for before others passed.
    mutating func overdue(now: UInt64?) -> [(Kind, Int)] {
        let due = lines.filter { line in line.value.held > 0 && (now.map { $0 >= line.value.last + interval } ?? true) }
        for kind in due.keys { lines[kind] = now.map { ($0, 0) } }
        return due.map { ($0.key, $0.value.held) }
    }
}
