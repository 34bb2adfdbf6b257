import ArgumentParser

/// How log lines look on standard error.
enum LogFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For people.
    case text
    /// One JSON object a line.
    case json
}
