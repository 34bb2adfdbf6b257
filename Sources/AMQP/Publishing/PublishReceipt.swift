import Synchronization

/// A publish that went out, whose outcome is awaited when it suits.
public final class PublishReceipt: Sendable {
    /// Its number on the channel.
    public let number: UInt64

    private enum State {
        case waiting([CheckedContinuation<Result<Void, PublishError>, Never>])
        case settled(Result<Void, PublishError>)

        var waiters: [CheckedContinuation<Result<Void, PublishError>, Never>] {
            if case .waiting(let waiters) = self { waiters } else { [] }
        }
    }

    private let state = Mutex(State.waiting([]))

    init(number: UInt64) {
        self.number = number
    }

    /// Waits until it is known what became of the message. May be asked more than once. Cancelling the task does not
    /// end the wait: it ends with the channel at the latest.
    ///
    /// - Throws: ``PublishError`` where the broker does not have the message, or may not have it.
    public func confirmed() async throws(PublishError) {
        let result = await withCheckedContinuation { continuation in
            let result = state.withLock { state -> Result<Void, PublishError>? in
                switch state {
                case .settled(let result):
                    return result
                case .waiting(let waiters):
                    state = .waiting(waiters + [continuation])
                    return nil
                }
            }
            if let result { continuation.resume(returning: result) }
        }
        try result.get()
    }

    func settle(_ result: Result<Void, PublishError>) {
        let waiters = state.withLock { state in
            let waiters = state.waiters
            state = .settled(result)
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }
}
