import NIOPosix
import Spool
import Synchronization

/// Reads the newest dead letters from disk for the page, which does not wait for a disk that hangs.
final class DeadLetterReader: Sendable {
    private struct State {
        var letters: [DeadLetterSummary] = []
        var isReading = false
    }

    private static let patience = Duration.seconds(1)
    /// As many as the page shows.
    private static let shown = 10

    private let state = Mutex(State())

    /// The newest ones; what was read last, and `false`, where the disk does not answer in time.
    func newest(path: String) async -> (letters: [DeadLetterSummary], areCurrent: Bool) {
        let (read, end) = AsyncStream.makeStream(of: Void.self)
        guard startReading(path, end) else { return (state.withLock { $0.letters }, false) }
        let areCurrent = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in read {}
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        return (state.withLock { $0.letters }, areCurrent)
    }

    /// Begins to read on a thread that may wait, unless one does already.
    private func startReading(_ path: String, _ end: AsyncStream<Void>.Continuation) -> Bool {
        let isFree = state.withLock { state in
            defer { state.isReading = true }
            return !state.isReading
        }
        guard isFree else { return false }
        NIOThreadPool.singleton.submit { _ in
            // A spool that can't be read is the journal's to report.
            let letters = try? Spool(path: path).newest(Self.shown)
            self.state.withLock { state in
                state.isReading = false
                if let letters { state.letters = letters }
            }
            end.finish()
        }
        return true
    }
}
