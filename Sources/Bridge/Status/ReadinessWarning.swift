/// What somebody should look at though messages move. Raw values are the codes of `/ready` and the
/// labels of `fedmsg_bridge_warning`.
public enum ReadinessWarning: String, CaseIterable, Sendable {
    /// The spool takes nothing; the broker does.
    case degraded
    /// One endpoint of several has been away for ten minutes.
    case endpointAway = "endpoint_away"
    /// A certificate or the CRL expires within 14 days.
    case certificateExpires = "certificate_expires"
    /// A subscriber takes less than the bus carries.
    case slowSubscriber = "slow_subscriber"
    /// `PATH.hold` exists: publishing and consuming rest.
    case held
    /// A new configuration, or a file that it names, was wrong; the old one is in force.
    case configNotReloaded = "config_not_reloaded"
}
