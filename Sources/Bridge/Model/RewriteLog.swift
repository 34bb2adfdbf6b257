import Fedmsg
import Logging
import Spool
import Synchronization

/// Logs messages that pass though one with their id and topic did before, one line a minute: whoever relays a message
/// and writes its JSON anew makes two of it.
///
/// It remembers for as long as the window of duplicates does, from the start of the process on.
final class RewriteLog: Sendable {
    private struct State {
        var names: DuplicateWindow
        var throttle = LogThrottle<Direction>()
    }

    private let direction: Direction
    private let state: Mutex<State>
    private let clock: any Clocks
    private let logger: Logger

    /// - Parameter window: how long a message is remembered.
    init(_ direction: Direction, window: Duration, clock: any Clocks, logger: Logger) {
        self.direction = direction
        self.clock = clock
        self.logger = logger
        state = Mutex(State(names: DuplicateWindow(seconds: Int(window.components.seconds))))
    }

    /// A message passes that is no duplicate.
    ///
    /// - Parameter receivedAt: microseconds since 1970.
    func note(id: String, topic: String, receivedAt: Int64) {
        let topicBytes = topic.utf8Span.span.bytes
        let digest = MessageIdentity.digest(
            id: id.utf8Span.span.bytes,
            topic: topicBytes,
            body: topicBytes.extracting(first: 0)
        )
        let name = MessageDigest(high: digest.high, low: digest.low)
        let count: Int? = state.withLock { state in
            defer { state.names.insert(name, at: receivedAt) }
            guard state.names.contains(name, at: receivedAt) else { return nil }
            return state.throttle.pass(direction, now: clock.uptime)
        }
        guard let count else { return }
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
