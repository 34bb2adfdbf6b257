import Logging
import Spool
import Synchronization

/// Logs messages that pass though one with their id and topic did before, one line a minute: whoever relays a message
/// and writes its JSON anew makes two of it.
final class RewriteLog: Sendable {
    private let throttle = Mutex(LogThrottle<Direction>())
    private let clock: any Clocks
    private let logger: Logger

    init(clock: any Clocks, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    /// A message passes, and the window of duplicates knows another with its id and topic.
    func note(_ direction: Direction, id: String, topic: String) {
        guard let count = throttle.withLock({ $0.pass(direction, now: clock.uptime) }) else { return }
        log(direction, count, [LogKey.topic: "\(topic)", LogKey.messageID: "\(id)"])
    }

    /// Logs what was held back, once its minute is over; at the end (`nil`), all of it.
    func logOverdue(now: UInt64?) {
        for (direction, count) in throttle.withLock({ $0.overdue(now: now) }) { log(direction, count) }
    }

    private func log(_ direction: Direction, _ count: Int, _ metadata: Logger.Metadata = [:]) {
        let all = [LogKey.direction: "\(direction.rawValue)", LogKey.count: "\(count)"].merging(metadata) { $1 }
        logger.warning("a message came again with other bytes: both pass", metadata: all)
    }
}
