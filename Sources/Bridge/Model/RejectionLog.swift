import Logging
import NIOCore
import Spool
import Synchronization

/// Logs rejected messages: one line a reason and minute, with the beginning of the message where
/// debugging is on.
final class RejectionLog: Sendable {
    /// Bytes of a message that a line shows.
    private static let shown = 200

    private let throttle = Mutex(LogThrottle<RejectReason>())
    private let clock: any Clocks
    private let logger: Logger

    init(clock: any Clocks, logger: Logger) {
        self.clock = clock
        self.logger = logger
    }

    /// A message was rejected and is kept.
    func note(_ letter: DeadLetter, _ rejection: Rejection) {
        guard let count = throttle.withLock({ $0.pass(rejection.reason, now: clock.uptime) }) else { return }
        var metadata: Logger.Metadata = [
            LogKey.direction: "\(letter.direction.rawValue)",
            LogKey.reason: "\(rejection.reason.rawValue)",
            LogKey.detail: "\(rejection.detail)",
            LogKey.topic: "\(letter.topic)",
            LogKey.messageID: "\(letter.messageID ?? "")",
            LogKey.count: "\(count)",
        ]
        if logger.logLevel <= .debug {
            let bytes = letter.frames.last?.readableBytesView ?? .init()
            metadata[LogKey.beginning] = "\(Printable.beginning(bytes, limit: Self.shown))"
        }
        logger.warning("rejected", metadata: metadata)
    }
}
