/// From when on a number is a warning, or critical: where it is over it. None is by default, since `/ready` judges by
/// itself and no traffic is no fault.
public struct HealthThresholds: Equatable, Sendable {
    /// The two thresholds of one number.
    public struct Pair: Equatable, Sendable {
        /// Over this it is a warning.
        public var warning: Double?
        /// Over this it is critical.
        public var critical: Double?

        /// Two thresholds.
        public init(warning: Double? = nil, critical: Double? = nil) {
            self.warning = warning
            self.critical = critical
        }

        func state(of value: Double) -> HealthVerdict.State {
            if let critical, value > critical { return .critical }
            if let warning, value > warning { return .warning }
            return .ok
        }
    }

    /// Seconds since the oldest waiting message was received.
    public var age = Pair()
    /// Messages that wait.
    public var spool = Pair()
    /// Dead letters of both directions.
    public var deadLetters = Pair()
    /// Seconds since a direction that is enabled received its last message.
    public var silence = Pair()

    /// None.
    public init() {}
}
