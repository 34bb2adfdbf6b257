/// How long ``AMQPClient`` waits before it connects again. It never gives up. Waits begin anew once a connection has lasted
/// for ``maximumBackoff``, or a message was confirmed or settled on it, or came without need of that.
public struct AMQPRecoveryPolicy: Sendable, Hashable {
    /// The upper bound of the first wait, 0.5 s by default. It doubles with every round that failed.
    public var initialBackoff: Duration
    /// The upper bound of every wait, 30 s by default.
    public var maximumBackoff: Duration

    /// Creates a policy.
    public init(initialBackoff: Duration = .milliseconds(500), maximumBackoff: Duration = .seconds(30)) {
        self.initialBackoff = initialBackoff
        self.maximumBackoff = maximumBackoff
    }
}
