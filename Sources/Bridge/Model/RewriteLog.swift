import Logging
import Spool
import Synchronization

/// Logs messages that pass though one with their id and topic did before, one line a minute: whoever relays a message
/// and writes its JSON anew makes two of it.
final class RewriteLog: Sendable {
    private let direction: Direction
    private let throttle = Mutex(LogThrottle<Direction>())
    private let clock: any Clocks
    private let logger: Logger

    init(_ direction: Direction, clock: any Clocks, logger: Logger) {
        self.direction = direction
        self.clock = clock
        self.logger = logger
    }

    /// A message passes, and the window of duplicates knows another with its id and topic.
    func note(id: String, topic: String) {
        guard let count = throttle.withLock({ $0.pass(direction, now: clock.uptime) }) else { return }
        logger.warning(
            "a message came again with other bytes: both pass",
            metadata: [
                LogKey.direction: "\(direction.rawValue)",
                LogKey.topic: "\(topic)",
                LogKey.messageID: "\(id)",
                LogKey.count: "\(count)",
            ]
        )
    }
}
