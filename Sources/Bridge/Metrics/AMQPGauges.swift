public import Metrics

/// What is counted of the broker beside the directions.
public struct AMQPGauges: Sendable {
    private let blocked: Meter

    /// The series, each with 0.
    public init(factory: any MetricsFactory) {
        blocked = Meter("amqp_blocked", factory: factory)
    }

    func setBlocked(_ isBlocked: Bool) { blocked.set(isBlocked ? 1 : 0) }
}
