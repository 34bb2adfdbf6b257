import Logging
import Spool
import Synchronization

/// Turns what the journal tells into metrics, status and log lines.
final class SpoolObserver: JournalObserver {
    private enum Line: Hashable {
        case dropped
        case evicted
    }

    private let metrics: DirectionMetrics
    private let toFedmsg: DirectionMetrics
    private let gauges: SpoolGauges
    private let board: StatusBoard
    private let clock: any Clocks
    private let logger: Logger
    private let throttle = Mutex(LogThrottle<Line>())

    init(
        toAMQP: DirectionMetrics,
        toFedmsg: DirectionMetrics,
        gauges: SpoolGauges,
        board: StatusBoard,
        clock: any Clocks,
        logger: Logger
    ) {
        metrics = toAMQP
        self.toFedmsg = toFedmsg
        self.gauges = gauges
        self.board = board
        self.clock = clock
        self.logger = logger
    }

    func journal(_ event: JournalEvent) {
        switch event {
        case .received(let messages, let newestAt, _): metrics.received(messages, at: Double(newestAt) / 1e6)
        case .dropped(let messages, _):
            metrics.received(messages, at: Double(clock.now) / 1e6)
            metrics.dropped(.spoolFull, count: messages)
            guard let count = throttle.withLock({ $0.pass(.dropped, now: clock.uptime) }) else { return }
            logger.error(
                "messages lost: no room on disk nor in memory",
                metadata: [LogKey.reason: "spool_full", LogKey.count: "\(count)"]
            )
        case .committed(let nanoseconds): gauges.committed(nanoseconds: nanoseconds)
        case .refusing(let refusal):
            board.raise(.degraded, source: "spool", "\(refusal); messages wait in memory, and a kill would lose them")
            logger.error("the spool takes nothing", metadata: [LogKey.error: "\(refusal)"])
        case .accepting:
            board.clear(.degraded, source: "spool")
            logger.info("the spool takes messages again")
        case .setAside(let path, let messages, let cause):
            logger.critical(
                "the spool was corrupt and is set aside; a new one is begun",
                metadata: ["path": "\(path)", LogKey.count: "\(messages)", LogKey.error: "\(cause)"]
            )
        case .corruptRow(let row, let messages):
            for _ in 0..<messages { metrics.rejected(.badFrames) }
            logger.error("a row of the spool is damaged", metadata: ["row": "\(row)", LogKey.count: "\(messages)"])
        case .evicted(let direction, let reason, let letters):
            gauges.evicted(letters, direction, reason)
            guard let count = throttle.withLock({ $0.pass(.evicted, now: clock.uptime) }) else { return }
            logger.warning(
                "dead letters fell out",
                metadata: [
                    LogKey.direction: "\(direction.rawValue)", LogKey.reason: "\(reason)", LogKey.count: "\(count)",
                ]
            )
        case .retried(let direction, let letters):
            let metrics = direction == .toAMQP ? self.metrics : toFedmsg
            metrics.retried(letters)
        }
    }
}
