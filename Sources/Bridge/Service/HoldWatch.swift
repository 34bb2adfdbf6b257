import Foundation
import Logging
import Synchronization

/// Looks every second for the file `PATH.hold` beside the spool: while it exists, publishing and consuming rest, and what
/// is received waits in the journal.
final class HoldWatch: Sendable {
    private struct State {
        var isHeld = false
        /// What is seen later changes nothing.
        var isOver = false
    }

    private let file: String
    private let board: StatusBoard
    private let logger: Logger
    private let exists: @Sendable (_ file: String) -> Bool
    private let changed: @Sendable (_ isHeld: Bool) -> Void
    private let state = Mutex(State())
    /// A look waits for a disk that hangs: not on a thread of tasks, of which there may be only one.
    private let queue = DispatchQueue(label: "hold")

    /// - Parameters:
    ///   - path: the spool's.
    ///   - exists: waits for the disk.
    ///   - changed: is told of each change; at first, nothing is held.
    init(
        path: String,
        board: StatusBoard,
        logger: Logger,
        exists: @escaping @Sendable (_ file: String) -> Bool = { access($0, F_OK) == 0 },
        changed: @escaping @Sendable (_ isHeld: Bool) -> Void
    ) {
        file = path + ".hold"
        self.board = board
        self.logger = logger
        self.exists = exists
        self.changed = changed
    }

    /// Whether the file existed when it was last looked for.
    var isHeld: Bool { state.withLock { $0.isHeld } }

    /// Looks until cancelled, and does not wait for a look that is under way then.
    func run() async {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { self.lookNow() }
        timer.schedule(deadline: .now(), repeating: 1)
        timer.resume()
        while (try? await Task.sleep(for: .seconds(3600))) != nil {}
        timer.cancel()
        state.withLock { $0.isOver = true }
    }

    /// Looks once.
    func look() async {
        await withCheckedContinuation { looked in
            queue.async {
                self.lookNow()
                looked.resume()
            }
        }
    }

    private func lookNow() {
        let isHeld = exists(file)
        let isNew = state.withLock { state in
            guard !state.isOver, state.isHeld != isHeld else { return false }
            state.isHeld = isHeld
            // Not once it is over: those who are told may be gone.
            changed(isHeld)
            return true
        }
        guard isNew else { return }
        if isHeld {
            board.raise(
                .held,
                source: file,
                "publishing and consuming rest, and what is received waits in the spool, until \(file) is removed"
            )
            logger.notice("held", metadata: [LogKey.file: "\(file)"])
        } else {
            board.clear(.held, source: file)
            logger.notice("no longer held", metadata: [LogKey.file: "\(file)"])
        }
    }
}
