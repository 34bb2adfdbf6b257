/// Time that stands still while it is paused: replies are not late while the broker, being blocked, reads nothing.
struct PausableClock {
    private var paused: Duration = .zero
    private var pausedAt: Duration?

    var isPaused: Bool { pausedAt != nil }

    mutating func pause(at now: Duration) {
        if pausedAt == nil { pausedAt = now }
    }

    mutating func resume(at now: Duration) {
        if let pausedAt { paused += now - pausedAt }
        pausedAt = nil
    }

    /// The time that has passed outside of pauses, when the outer clock shows `now`.
    func reading(at now: Duration) -> Duration {
        (pausedAt ?? now) - paused
    }

    /// What the outer clock will show when this one shows `reading`; nil while paused.
    func time(of reading: Duration) -> Duration? {
        isPaused ? nil : reading + paused
    }
}
