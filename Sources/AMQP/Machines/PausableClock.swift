/// Time that stands still while it is paused, for one reason or several: replies are not late while the broker, being
/// blocked, reads nothing, or while we don't.
struct PausableClock {
    private var reasons = 0
    private var paused: Duration = .zero
    private var pausedAt: Duration?

    var isPaused: Bool { pausedAt != nil }

    mutating func pause(at now: Duration) {
        reasons += 1
        if reasons == 1 { pausedAt = now }
    }

    /// To be called once for each pause.
    mutating func resume(at now: Duration) {
        reasons -= 1
        guard reasons == 0 else { return }
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
