import Synchronization

/// Records values that come from another thread, and waits for them.
final class Recorder<Element: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let isMet: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var elements: [Element] = []
        var waiters: [Waiter] = []
        var lastID = 0
    }

    private let state = Mutex(State())

    var elements: [Element] { state.withLock { $0.elements } }

    func add(_ elements: [Element]) {
        resume { state, waiter in
            waiter.isMet(state.elements)
        } after: {
            $0.elements += elements
        }
    }

    /// Waits until the values so far meet a condition, or the test's time limit cancels it.
    @discardableResult
    func wait(until isMet: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isMetNow = state.withLock { state in
                    if isMet(state.elements) || Task.isCancelled { return true }
                    state.waiters.append(Waiter(id: id, isMet: isMet, continuation: continuation))
                    return false
                }
                if isMetNow { continuation.resume() }
            }
        } onCancel: {
            resume { _, waiter in waiter.id == id }
        }
        return elements
    }

    private func resume(_ isChosen: (State, Waiter) -> Bool, after change: (inout State) -> Void = { _ in }) {
        let chosen = state.withLock { state in
            change(&state)
            let now = state
            let chosen = state.waiters.filter { isChosen(now, $0) }
            state.waiters.removeAll { waiter in chosen.contains { $0.id == waiter.id } }
            return chosen
        }
        for waiter in chosen { waiter.continuation.resume() }
    }
}
