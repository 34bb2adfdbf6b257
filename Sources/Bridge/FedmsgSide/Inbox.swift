import Synchronization

/// Values handed to an actor from another executor, one way: nobody waits, and a hand-over costs a
/// wake-up only where the other side is not on its way already.
final class Inbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isAnnounced = false
    }

    private let state = Mutex(State())

    /// Puts values in.
    ///
    /// - Returns: whether the receiver has to be woken.
    func put(_ elements: some Sequence<Element>) -> Bool {
        state.withLock { state in
            state.elements.append(contentsOf: elements)
            defer { state.isAnnounced = true }
            return !state.isAnnounced
        }
    }

    /// Takes everything out.
    func take() -> [Element] {
        state.withLock { state in
            state.isAnnounced = false
            defer { state.elements = [] }
            return state.elements
        }
    }
}
