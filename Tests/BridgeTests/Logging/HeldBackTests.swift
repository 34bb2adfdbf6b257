import Logging
import NIOCore
import Spool
import Synchronization
import Testing

@testable import Bridge

@Suite("Lines of the log that stand for several messages")
struct HeldBackTests {
    private static let minute: UInt64 = 60_000_000_000

    private struct FixedClock: Clocks {
        let now: Int64 = 0
        let uptime: UInt64 = 0
    }

    private struct Recorder: LogHandler {
        let lines: @Sendable (Logger.Metadata) -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines(event.metadata ?? [:]) }
    }

    /// The lines that `body` logs: which direction, why, and for how many messages.
    private static func lines(_ body: (Logger) -> Void) -> [[String?]] {
        let lines = Mutex<[[String?]]>([])
        let recorder = Recorder { metadata in
            let line = [LogKey.direction, LogKey.reason, LogKey.count].map { metadata[$0]?.description }
            lines.withLock { $0.append(line) }
        }
        body(Logger(label: "test") { _ in recorder })
        return lines.withLock { $0 }
    }

    @Test("Rejections are told after a minute, each direction's, and at the end at once")
    func rejections() {
        let lines = Self.lines { logger in
            let log = RejectionLog(clock: FixedClock(), logger: logger)
            for direction in [Direction.toAMQP, .toFedmsg, .toAMQP, .toAMQP] {
                var letter = DeadLetter(.init(.badHeaders, ""), received: Self.message, receivedAt: 0, rejectedAt: 0)
                letter.direction = direction
                log.note(letter, Rejection(.badHeaders, ""))
            }
            log.logOverdue(now: Self.minute - 1)
            log.logOverdue(now: Self.minute)
            log.logOverdue(now: nil)
        }
        #expect(
            lines == [
                ["to_amqp", "bad_headers", "1"], ["to_fedmsg", "bad_headers", "1"], ["to_amqp", "bad_headers", "2"],
            ]
        )
    }

    @Test("Messages that come again with other bytes likewise")
    func rewrites() {
        let lines = Self.lines { logger in
            let log = RewriteLog(clock: FixedClock(), logger: logger)
            for _ in 0..<3 { log.note(.toFedmsg, id: "2019-1", topic: "a.b") }
            log.logOverdue(now: Self.minute - 1)
            log.logOverdue(now: nil)
            log.logOverdue(now: nil)
        }
        #expect(lines == [["to_fedmsg", nil, "1"], ["to_fedmsg", nil, "2"]])
    }

    private static let message: ReceivedMessage = {
        var batch = ReceivedBatch()
        batch.append(frames: [ByteBuffer(string: "a.b"), ByteBuffer(string: "{}")])
        return batch[0]
    }()
}
