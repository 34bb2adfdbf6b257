import Bridge
import Foundation

/// What a monitoring plug-in says, as the Monitoring Plugins' guidelines have it: a line and an exit code.
public struct HealthVerdict: Equatable, Sendable {
    /// Raw values are exit codes.
    public enum State: Int32, Sendable {
        case ok = 0
        case warning = 1
        case critical = 2
        case unknown = 3

        var word: String {
            switch self {
            case .ok: "OK"
            case .warning: "WARNING"
            case .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        }

        /// The worse of two that were found out.
        func worse(_ other: State) -> State { rawValue >= other.rawValue ? self : other }
    }

    /// How things stand.
    public var state: State
    /// What was found.
    public var text: String
    /// Measurements, each as `label=value;warning;critical;minimum;maximum`.
    public var measurements: [String]

    /// A verdict.
    public init(_ state: State, _ text: String, measurements: [String] = []) {
        self.state = state
        self.text = text
        self.measurements = measurements
    }

    /// The line. What it quotes can neither break it nor begin the measurements.
    public var line: String {
        let quoted = Printable.text(text).replacingScalars("|", with: "/")
        let line = "FEDMSG-BRIDGE \(state.word) - \(quoted)"
        return measurements.isEmpty ? line : line + " | " + measurements.joined(separator: " ")
    }
}
