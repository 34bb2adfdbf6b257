/// Callbacks in the order they are due, those due at once in the order they were scheduled.
///
/// A sorted array: an owner has a handful of timers, and the last is popped without moving the others.
struct TimerQueue {
    private struct Entry {
        let due: SuspendingClock.Instant
        let body: @Sendable () -> Void
    }

    /// The latest first.
    private var entries: [Entry] = []

    /// When the next one is due.
    var next: SuspendingClock.Instant? {
        entries.last?.due
    }

    mutating func schedule(at due: SuspendingClock.Instant, _ body: @escaping @Sendable () -> Void) {
        let index = entries.firstIndex { $0.due <= due } ?? entries.endIndex
        entries.insert(Entry(due: due, body: body), at: index)
    }

    mutating func popDue(at now: SuspendingClock.Instant) -> (@Sendable () -> Void)? {
        guard let next, next <= now else { return nil }
        return entries.removeLast().body
    }
}
