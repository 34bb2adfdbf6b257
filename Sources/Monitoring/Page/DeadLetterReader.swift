import Dispatch
import Spool
import Synchronization

/// Reads the newest dead letters from disk for the page, which does not wait for a disk that hangs.
final class DeadLetterReader: Sendable {
    private struct State {
        var letters: [DeadLetterSummary] = []
        var isReading = false
        /// Those who wait for the read under way.
        var waiting: [Int: AsyncStream<Never>.Continuation] = [:]
        var lastNumber = 0
    }

    /// As many as the page shows.
    private static let shown = 10

    private let patience: Duration
    private let read: @Sendable (_ path: String) -> [DeadLetterSummary]?
    private let state = Mutex(State())
    /// Its own: a thread that others share may wait for what they wait for, as for a name server.
    private let queue = DispatchQueue(label: "dead letters")

    /// - Parameter read: waits for the disk; nil for a spool that can't be read, which is the journal's to report.
    init(
        patience: Duration = .seconds(1),
        read: @escaping @Sendable (_ path: String) -> [DeadLetterSummary]? = { try? Spool(path: $0).newest(shown) }
    ) {
        self.patience = patience
        self.read = read
    }

    /// How many wait for the disk.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// The newest ones; what was read last, and `false`, where the disk does not answer in time.
    func newest(path: String) async -> (letters: [DeadLetterSummary], areCurrent: Bool) {
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        let (number, isFirst) = state.withLock { state in
            defer { state.isReading = true }
            state.lastNumber += 1
            state.waiting[state.lastNumber] = end
            return (state.lastNumber, !state.isReading)
        }
        if isFirst { startReading(path) }
        let areCurrent = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in ended {}
                return !Task.isCancelled
            }
            group.addTask { [patience] in
                try? await Task.sleep(for: patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        return state.withLock { state in
            state.waiting[number] = nil
            return (state.letters, areCurrent)
        }
    }

    /// Reads on a thread that may wait.
    private func startReading(_ path: String) {
        queue.async {
            let letters = self.read(path)
            let waiting = self.state.withLock { state in
                if let letters { state.letters = letters }
                state.isReading = false
                defer { state.waiting = [:] }
                return state.waiting
            }
            for end in waiting.values { end.finish() }
        }
    }
}
