import Logging
import NIOCore
import Spool
import Synchronization

/// Logs rejected messages: one line a reason and minute, with the beginning of the message where
/// debugging is on, and how many more there were.
final class RejectionLog: Sendable {
    /// Bytes of a message that a line shows.
    private static let shown = 200

    private struct Kind: Hashable {
        let direction: Direction
        let reason: RejectReason
    }

    private let throttle = Mutex(LogThrottle<Kind>())
    private let clock: any Clocks
    private let logger: Logger

    init(clock: any Clocks, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    /// A message was rejected and is kept.
    func note(_ letter: DeadLetter, _ rejection: Rejection) {
        let kind = Kind(direction: letter.direction, reason: rejection.reason)
        guard let count = throttle.withLock({ $0.pass(kind, now: clock.uptime) }) else { return }
        var metadata: Logger.Metadata = [
            LogKey.detail: "\(rejection.detail)",
            LogKey.topic: "\(letter.topic)",
            LogKey.messageID: "\(letter.messageID ?? "")",
        ]
        if logger.logLevel <= .debug {
            let bytes = letter.frames.last?.readableBytesView ?? .init()
            metadata[LogKey.beginning] = "\(Printable.beginning(bytes, limit: Self.shown))"
        }
        log(kind, count, metadata)
    }

    /// Logs what was held back, once its minute is over; at the end (`nil`), all of it.
    func logOverdue(now: UInt64?) {
        for (kind, count) in throttle.withLock({ $0.overdue(now: now) }) { log(kind, count) }
    }

    private func log(_ kind: Kind, _ count: Int, _ metadata: Logger.Metadata = [:]) {
        let all: Logger.Metadata = [
            LogKey.direction: "\(kind.direction.rawValue)",
            LogKey.reason: "\(kind.reason.rawValue)",
            LogKey.count: "\(count)",
        ]
        logger.warning("rejected", metadata: all.merging(metadata) { $1 })
    }
}
