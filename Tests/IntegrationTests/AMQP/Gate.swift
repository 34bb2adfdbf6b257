import Synchronization

/// Lets one pass each time that it is opened.
final class Gate: Sendable {
    private let state = Mutex<(arrivals: Int, waiter: CheckedContinuation<Void, Never>?)>((0, nil))

    var arrivals: Int { state.withLock { $0.arrivals } }

    func pass() async {
        await withCheckedContinuation { continuation in
            state.withLock { $0 = ($0.arrivals + 1, continuation) }
        }
    }

    func open() {
        state.withLock { $0.waiter.take() }?.resume()
    }
}
