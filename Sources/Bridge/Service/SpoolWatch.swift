import Logging
import Spool

/// Looks at the journal every second, and shows on the board what is wrong with it and what to do.
final class SpoolWatch: Sendable {
    private static let source = "spool"

    private let path: String
    private let journal: Journal
    private let board: StatusBoard
    private let clock: any Clocks
    private let logger: Logger

    init(
        path: String,
        journal: Journal,
        board: StatusBoard,
        clock: any Clocks,
        logger: Logger
    ) {
        self.path = path
        self.journal = journal
        self.board = board
        self.clock = clock
        self.logger = logger
    }

    /// Looks until cancelled.
    func run() async {
        var health = SpoolHealth(now: clock.uptime)
        var wasStalled = false
        while !Task.isCancelled {
            let status = journal.status
            let state = health.state(of: status, busyFor: journal.diskBusyFor, now: clock.uptime)
            show(state, status)
            if case .stalled(let duration) = state {
                if !wasStalled { logStall(duration) }
                wasStalled = true
            } else {
                if wasStalled { logger.info("the disk answers again") }
                wasStalled = false
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func logStall(_ duration: Duration) {
        logger.error(
            "the disk does not answer",
            metadata: [LogKey.seconds: "\(duration.components.seconds)", LogKey.file: "\(path)"]
        )
    }

    private func show(_ state: SpoolHealth.State, _ status: SpoolStatus) {
        let inMemory = status.unjournalledMessages
        board.clearReasons(source: Self.source, except: state.reason)
        switch state {
        case .well: break
        case .degraded(let refusal):
            board.raise(
                .degraded,
                source: Self.source,
                "\(refusal): messages go on through memory, and a kill would lose \(inMemory); \(refusal.remedy(path))"
            )
            return
        case .full(let refusal):
            board.raise(
                .spoolFull,
                source: Self.source,
                "\(refusal), and the broker takes nothing: a kill would lose the \(inMemory) messages that wait in "
                    + "memory, and past max_memory new ones are lost; \(refusal.remedy(path)), or bring back the broker"
            )
        case .stalled(let duration):
            board.raise(
                .diskStalled,
                source: Self.source,
                "the disk has not answered for \(duration.components.seconds) s: \(inMemory) messages wait in memory, "
                    + "and past max_memory new ones are lost; look after the disk that holds \(path)"
            )
        }
        board.clear(.degraded, source: Self.source)
    }
}

extension SpoolRefusal {
    /// What an operator can do about it.
    func remedy(_ path: String) -> String {
        switch self {
        case .maxBytes: "raise [spool] max_bytes and reload, or wait until the broker has taken what waits"
        case .minFreeBytes, .diskFull: "make room on the file system of \(path)"
        case .heldByReader: "end the process that reads \(path)"
        case .busy: "end the process that has a transaction open in \(path)"
        case .failed: "look after the disk that holds \(path)"
        }
    }
}
