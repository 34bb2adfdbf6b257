import Logging
import Spool
import Synchronization

/// Turns what the journal tells into metrics, status and log lines.
final class SpoolObserver: JournalObserver {
    private enum Line: Hashable {
        case dropped
        case evicted(Direction, reason: String)
    }

    private let toAMQP: DirectionMetrics
    private let toFedmsg: DirectionMetrics
    private let gauges: SpoolGauges
    private let clock: any Clocks
    private let logger: Logger
    private let throttle = Mutex(LogThrottle<Line>())

    init(
        toAMQP: DirectionMetrics,
        toFedmsg: DirectionMetrics,
        gauges: SpoolGauges,
        clock: any Clocks,
        logger: Logger
    ) {
        self.toAMQP = toAMQP
        self.toFedmsg = toFedmsg
        self.gauges = gauges
        self.clock = clock
        self.logger = logger
    }

    func journal(_ event: JournalEvent) {
        switch event {
        case .received(let messages, let newestAt): toAMQP.received(messages, at: newestAt.map { Double($0) / 1e6 })
        case .dropped(let messages):
            toAMQP.received(messages, at: Double(clock.now) / 1e6)
            toAMQP.dropped(.spoolFull, count: messages)
            guard let count = throttle.withLock({ $0.pass(.dropped, count: messages, now: clock.uptime) }) else {
                return
            }
            log(.dropped, count)
        case .committed(let nanoseconds): gauges.committed(nanoseconds: nanoseconds)
        case .refusing(let refusal): logger.error("the spool takes nothing", metadata: [LogKey.error: "\(refusal)"])
        case .accepting: logger.info("the spool takes messages again")
        case .setAside(let path, let messages, let cause):
            toAMQP.rejected(.badFrames, count: messages)
            var metadata: Logger.Metadata = [LogKey.count: "\(messages)", LogKey.error: "\(cause)"]
            if let path { metadata[LogKey.file] = "\(path)" }
            let fate = path == nil ? "the spool is gone" : "the spool was corrupt and is set aside"
            logger.critical("\(fate); a new one is begun", metadata: metadata)
        case .fileGone(let messages):
            logger.critical(
                "the spool's file is gone: messages go on through it while it is open, and a stop loses what waits by then",
                metadata: [LogKey.count: "\(messages)"]
            )
        case .corruptRow(let row, let messages):
            toAMQP.rejected(.badFrames, count: messages)
            let metadata: Logger.Metadata = [LogKey.row: "\(row)", LogKey.count: "\(messages)"]
            logger.error("a row of the spool is damaged", metadata: metadata)
        case .damagedLetter(let id):
            logger.error("a dead letter is damaged and can't be tried again", metadata: [LogKey.letter: "\(id)"])
        case .evicted(let direction, let reason, let letters):
            gauges.evicted(letters, direction, reason)
            let line = Line.evicted(direction, reason: reason)
            guard let count = throttle.withLock({ $0.pass(line, count: letters, now: clock.uptime) }) else { return }
            log(line, count)
        case .retried(let direction, let letters):
            (direction == .toAMQP ? toAMQP : toFedmsg).retried(letters)
        }
    }

    /// Logs what was held back, once its minute is over; at the end (`nil`), all of it.
    func logOverdue(now: UInt64?) {
        for (line, count) in throttle.withLock({ $0.overdue(now: now) }) { log(line, count) }
    }

    private func log(_ line: Line, _ count: Int) {
        switch line {
        case .dropped:
            logger.error(
                "messages lost: no room on disk nor in memory",
                metadata: [LogKey.reason: "\(DropReason.spoolFull.rawValue)", LogKey.count: "\(count)"]
            )
        case .evicted(let direction, let reason):
            logger.warning(
                "dead letters fell out",
                metadata: [
                    LogKey.direction: "\(direction.rawValue)", LogKey.reason: "\(reason)", LogKey.count: "\(count)",
                ]
            )
        }
    }
}
