/// A wait that doubles with each failure.
struct BackOff: Sendable {
    /// Nanoseconds.
    static let least: UInt64 = 100_000_000
    static let most: UInt64 = 5_000_000_000

    /// Until when to wait; `nil` while nothing has failed.
    private(set) var until: UInt64?
    private var delay = least

    /// Whether the wait is over, which ends it.
    mutating func isOver(now: UInt64) -> Bool {
        guard let until else { return true }
        guard now >= until else { return false }
        self.until = nil
        return true
    }

    /// Waits longer than the last time.
    mutating func failed(now: UInt64) {
        until = now + delay
        delay = min(delay * 2, Self.most)
    }

    /// It works again.
    mutating func reset() { self = BackOff() }
}
