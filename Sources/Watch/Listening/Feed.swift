import Synchronization

/// What was heard and is still to be looked at.
///
/// A bystander must not hold up a bus: listeners always put, and what does not fit is lost and counted.
package final class Feed<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var bytes = 0
        var missed = 0
    }

    /// Elements that came together, and how many were lost before them.
    package struct Batch: Sendable {
        package var elements: [Element]
        package var missed: Int
    }

    private let limit: Int
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter limit: bytes that may wait.
    package init(limit: Int) {
        self.limit = limit
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Puts an element in, from any thread; one of no bytes always fits.
    package func put(_ element: Element, bytes: Int) {
        let isFirst = state.withLock { state in
            guard bytes == 0 || state.bytes + bytes <= limit || state.elements.isEmpty else {
                state.missed += 1
                return false
            }
            state.elements.append(element)
            state.bytes += bytes
            return state.elements.count == 1
        }
        if isFirst { signal.yield() }
    }

    /// No more comes; a waiting ``forEachBatch(_:)`` returns.
    package func finish() {
        signal.finish()
    }

    /// Calls `body` with what waits, whenever something does, until the feed is finished or the task is cancelled.
    package func forEachBatch(_ body: (Batch) async throws -> Void) async rethrows {
        for await _ in signals {
            let batch = take()
            if !batch.elements.isEmpty || batch.missed > 0 { try await body(batch) }
        }
    }

    private func take() -> Batch {
        state.withLock { state in
            defer { state = State() }
            return Batch(elements: state.elements, missed: state.missed)
        }
    }
}
