import Bridge
import Foundation
import Logging

/// Writes log lines to standard error, one system call a line.
///
/// Under systemd's journal a line begins with its priority (`<3>`) and has no time: the journal has
/// both of its own.
struct StandardErrorLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let isUnderJournal: Bool

    init(label: String, level: Logger.Level, format: LogFormat, environment: [String: String]) {
        self.label = label
        self.format = format
        logLevel = level
        isUnderJournal = environment["JOURNAL_STREAM"] != nil
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let line =
            switch format {
            case .text: text(event.level, event.message, all)
            case .json: json(event.level, event.message, all)
            }
        // One write, so that lines of several threads don't mix.
        let bytes = Array((line + "\n").utf8)
        bytes.withUnsafeBytes { bytes in _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    private func text(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        let start = isUnderJournal ? "<\(level.priority)>" : "\(Self.time()) \(level.padded) "
        let values = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        return start + Printable.text("\(message)") + values
    }

    private func json(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata) -> String {
        var object = metadata.mapValues { "\($0)" }
        object["time"] = Self.time()
        object["level"] = level.rawValue
        object["logger"] = label
        object["message"] = "\(message)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(object) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    private static func time() -> String {
        Date.now.formatted(.iso8601.time(includingFractionalSeconds: true))
    }

    private static func quoted(_ value: String) -> String {
        let text = Printable.text(value)
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return text }
        return "\"\(text.replacing("\"", with: "\\\""))\""
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
