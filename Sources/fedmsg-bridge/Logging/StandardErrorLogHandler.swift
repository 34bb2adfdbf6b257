import Bridge
import Foundation
import Logging

/// Writes log lines to standard error, one system call a line; the same trouble once a minute.
///
/// Where standard error is systemd's journal, a line begins with its priority (`<3>`) and has no time: the journal has
/// both of its own.
struct StandardErrorLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    var logLevel: Logger.Level {
        get { ownLevel ?? settings.level }
        set { ownLevel = newValue }
    }

    private let label: String
    private let settings: LogSettings
    private let isUnderJournal: Bool
    private let clock = SystemClocks()
    /// The level that a logger was given for itself.
    private var ownLevel: Logger.Level?

    init(label: String, settings: LogSettings, environment: [String: String]) {
        self.label = label
        self.settings = settings
        isUnderJournal = environment["JOURNAL_STREAM"].map(Self.isStandardError) ?? false
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = LogRepeats.Line(
            level: event.level,
            message: Printable.text("\(event.message)"),
            metadata: all.mapValues { Printable.text("\($0)") }
        )
        for line in settings.pass(line, now: clock.uptime) { write(line) }
    }

    /// Writes what was held back for a minute; at the end, all of it.
    func writeHeldBack(atEnd isEnd: Bool = false) {
        for line in settings.due(isEnd ? nil : clock.uptime) { write(line) }
    }

    private func write(_ line: LogRepeats.Line) {
        let priority = isUnderJournal ? "<\(line.level.priority)>" : ""
        let text = priority + (settings.format == .json ? json(line) : text(line)) + "\n"
        // One write, so that lines of several threads don't mix.
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { bytes in _ = unsafe Foundation.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    private func text(_ line: LogRepeats.Line) -> String {
        let start = isUnderJournal ? "" : "\(Self.time()) \(line.level.padded) "
        let values = line.metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(Printable.value($0.value))" }.joined()
        return start + line.message + values
    }

    private func json(_ line: LogRepeats.Line) -> String {
        var object = line.metadata
        object["time"] = Self.time()
        object["level"] = line.level.rawValue
        object["logger"] = label
        object["message"] = line.message
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(object) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    private static func time() -> String {
        Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Whether a device and inode, as `$JOURNAL_STREAM` has them, are those of standard error: what a child of a
    /// service inherits need not be the journal.
    private static func isStandardError(_ stream: String) -> Bool {
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}

extension Logger.Level {
    /// syslog's number.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    fileprivate var padded: String {
        rawValue + String(repeating: " ", count: max(0, 8 - rawValue.count))
    }
}
