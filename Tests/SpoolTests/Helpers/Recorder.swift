import Synchronization

/// Records values that come from another thread, and waits for them.
final class Recorder<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiters: [(isMet: @Sendable ([Element]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var elements: [Element] { state.withLock { $0.elements } }

    func add(_ elements: [Element]) {
        let met = state.withLock { state in
            state.elements += elements
            let now = state.elements
            let met = state.waiters.filter { $0.isMet(now) }
            state.waiters.removeAll { $0.isMet(now) }
            return met.map(\.continuation)
        }
        for continuation in met { continuation.resume() }
    }

    /// Waits until the values so far meet a condition; the suite's time limit is the limit.
    @discardableResult
    func wait(until isMet: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
        await withCheckedContinuation { continuation in
            let isMetNow = state.withLock { state in
                if isMet(state.elements) { return true }
                state.waiters.append((isMet, continuation))
                return false
            }
            if isMetNow { continuation.resume() }
        }
        return elements
    }
}
