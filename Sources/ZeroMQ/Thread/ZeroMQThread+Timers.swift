internal import Synchronization

extension ZeroMQThread {
    /// A callback that waits for its time.
    public struct Timer: Hashable, Sendable {
        fileprivate let id: UInt64
    }

    /// Calls `body` on the thread, once, after at least `delay`. From any thread.
    ///
    /// Callbacks due at once are called in the order they were scheduled. ``stop()`` drops those that are not due yet,
    /// and later ones: who awaits a callback has to be resumed by whoever stops the thread.
    @discardableResult
    public func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> Timer {
        let due = SuspendingClock.now + delay
        guard let (id, mustWake) = state.withLock({ $0.schedule(at: due, body) }) else {
            return Timer(id: 0)
        }
        if mustWake { wakeUp.signal() }
        return Timer(id: id)
    }

    /// Forgets a callback that has not been called yet.
    public func cancel(_ timer: Timer) {
        _ = state.withLock { $0.cancelTimer(timer.id) }
    }
}
