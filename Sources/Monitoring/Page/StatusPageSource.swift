public import Settings
public import Spool

/// What the page asks of the bridge beside its state and its metrics.
public struct StatusPageSource: Sendable {
    /// The version that runs.
    public var version: String
    /// The configuration in force.
    public var configuration: @Sendable () -> BridgeConfiguration
    /// What the spool holds. May not wait for the disk.
    public var spool: @Sendable () -> SpoolStatus

    /// Where the page's parts come from.
    public init(
        version: String,
        configuration: @escaping @Sendable () -> BridgeConfiguration,
        spool: @escaping @Sendable () -> SpoolStatus
    ) {
        self.version = version
        self.configuration = configuration
        self.spool = spool
    }
}
