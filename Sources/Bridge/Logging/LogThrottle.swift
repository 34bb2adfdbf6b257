/// Lets one line of a kind through a minute, and counts the others.
struct LogThrottle<Kind: Hashable & Sendable>: Sendable {
    private var lines: [Kind: (last: UInt64, held: Int)] = [:]
    private let interval: UInt64

    /// - Parameter interval: nanoseconds between two lines of a kind.
    init(interval: UInt64 = 60_000_000_000) {
        self.interval = interval
    }

    /// Whether to log this one.
    ///
    /// - Parameter now: nanoseconds of any clock that only goes forward.
    /// - Returns: how many it stands for, itself included; `nil` where it has to wait.
    mutating func pass(_ kind: Kind, now: UInt64) -> Int? {
        guard let line = lines[kind], now - line.last < interval else {
            let count = (lines[kind]?.held ?? 0) + 1
            lines[kind] = (now, 0)
            return count
        }
        lines[kind] = (line.last, line.held + 1)
        return nil
    }
}
