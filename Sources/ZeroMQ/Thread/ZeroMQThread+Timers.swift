internal import Synchronization

extension ZeroMQThread {
    /// Calls `body` on the thread, once, after at least `delay`. From any thread.
    ///
    /// Callbacks due at once are called in the order they were scheduled. ``stop()`` drops those that are not due yet,
    /// and later ones: who awaits a callback has to be resumed by whoever stops the thread.
    public func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) {
        let due = SuspendingClock.now + delay
        if state.withLock({ $0.schedule(at: due, body) }) { wakeUp.signal() }
    }
}
