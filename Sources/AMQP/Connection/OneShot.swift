/// A value that comes once, and whoever waits for it. Part of an actor's state.
struct OneShot<Value: Sendable> {
    private var value: Value?
    private var waiters: [CheckedContinuation<Value, Never>] = []

    var isFulfilled: Bool { value != nil }

    /// Later values are dropped.
    mutating func fulfil(_ value: Value) {
        guard self.value == nil else { return }
        self.value = value
        for waiter in waiters { waiter.resume(returning: value) }
        waiters = []
    }

    mutating func await(_ continuation: CheckedContinuation<Value, Never>) {
        if let value {
            continuation.resume(returning: value)
        } else {
            waiters.append(continuation)
        }
    }
}
