public import Metrics

/// What is counted of the broker beside the directions.
public struct AMQPGauges: Sendable {
    private let blocked: Meter

    /// The series, each with 0.
    public init(factory: any MetricsFactory) {
        blocked = Meter(label: "fedmsg_bridge_amqp_blocked", dimensions: [], factory: factory)
        blocked.set(0)
    }

    func setBlocked(_ isBlocked: Bool) { blocked.set(isBlocked ? 1 : 0) }
}
