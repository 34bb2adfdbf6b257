import Metrics

/// `/ready` as metrics: taken from the same snapshot, so that the two never disagree.
struct ReadinessGauges: Sendable {
    private let ready: Meter
    private let reasons: [(ReadinessReason, Meter)]
    private let warnings: [(ReadinessWarning, Meter)]
    private let isReloaded: Meter

    /// The series of every code.
    init(factory: any MetricsFactory) {
        func meter(_ name: String, _ dimensions: [(String, String)] = []) -> Meter {
            Meter(name, dimensions, factory: factory)
        }
        ready = meter("ready")
        reasons = ReadinessReason.allCases.map { ($0, meter("not_ready", [("reason", $0.rawValue)])) }
        warnings = ReadinessWarning.allCases.map { ($0, meter("warning", [("code", $0.rawValue)])) }
        isReloaded = meter("config_last_reload_successful")
        update(StatusBoard.Snapshot())
    }

    func update(_ snapshot: StatusBoard.Snapshot) {
        let held = Set((snapshot.reasons + snapshot.warnings).map(\.code))
        for (reason, meter) in reasons { meter.set(held.contains(reason.rawValue) ? 1 : 0) }
        for (warning, meter) in warnings { meter.set(held.contains(warning.rawValue) ? 1 : 0) }
        ready.set(snapshot.reasons.isEmpty ? 1 : 0)
        isReloaded.set(held.contains(ReadinessWarning.configNotReloaded.rawValue) ? 0 : 1)
    }
}
