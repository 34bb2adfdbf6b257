import Foundation
import Logging
import Synchronization

/// Looks every second for the file `PATH.hold` beside the spool: while it exists, publishing and consuming rest, and what
/// is received waits in the journal.
final class HoldWatch: Sendable {
    private let file: String
    private let board: StatusBoard
    private let logger: Logger
    private let changed: @Sendable (_ isHeld: Bool) -> Void
    private let state = Mutex(false)

    /// - Parameters:
    ///   - path: the spool's.
    ///   - changed: is told of each change; at first, nothing is held.
    init(
        path: String,
        board: StatusBoard,
        logger: Logger,
        changed: @escaping @Sendable (_ isHeld: Bool) -> Void
    ) {
        file = path + ".hold"
        self.board = board
        self.logger = logger
        self.changed = changed
    }

    /// Whether the file existed when it was last looked for.
    var isHeld: Bool { state.withLock { $0 } }

    /// Looks until cancelled.
    func run() async {
        while !Task.isCancelled {
            look()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Looks once.
    func look() {
        let isHeld = access(file, F_OK) == 0
        let isNew = state.withLock { state in
            defer { state = isHeld }
            return state != isHeld
        }
        guard isNew else { return }
        if isHeld {
            board.raise(
                .held,
                source: file,
                "publishing and consuming rest, and what is received waits in the spool, until \(file) is removed"
            )
            logger.notice("held", metadata: ["file": "\(file)"])
        } else {
            board.clear(.held, source: file)
            logger.notice("no longer held", metadata: ["file": "\(file)"])
        }
        changed(isHeld)
    }
}
