import Logging
import Synchronization

@testable import Bridge

/// A log that keeps its lines.
struct LineRecorder: LogHandler {
    /// What a line says, and of which endpoint, for how many.
    struct Line: Equatable, Sendable {
        var message: String
        var endpoint: String?
        var count: String?
    }

    private final class Lines: Sendable {
        let all = Mutex<[Line]>([])
    }

    private let recorded = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    var lines: [Line] { recorded.all.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in self } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = Line(
            message: event.message.description,
            endpoint: event.metadata?[LogKey.endpoint]?.description,
            count: event.metadata?[LogKey.count]?.description
        )
        recorded.all.withLock { $0.append(line) }
    }
}
