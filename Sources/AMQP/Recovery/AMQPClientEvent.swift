/// What one of a client's connections is for.
public enum AMQPConnectionRole: String, Sendable, Hashable, CaseIterable {
    /// Publishes go out on it. The broker may stop reading it for a while.
    case publishing
    /// Deliveries come in on it, and acknowledgements go out.
    case consuming
}

/// What happens to a client. Each is a fact that has come about when it is told.
public enum AMQPClientEvent: Sendable {
    /// One address could not be connected to, for this reason. The next is tried, or this one again later.
    case connectFailed(AMQPConnectionRole, AMQPError)
    /// A connection is open, and its topology was declared or has been told to have failed. Generations rise.
    case connected(AMQPConnectionRole, AMQPEndpoint, generation: UInt64)
    /// A connection ended, for this reason. Another one follows, unless the client is closing.
    case lost(AMQPConnectionRole, AMQPError, generation: UInt64)
    /// The broker takes no publishes for now, as its memory or disk runs short.
    case blocked(AMQPConnectionRole, reason: String)
    /// The broker takes publishes again.
    case unblocked(AMQPConnectionRole)
    /// The provider of tokens failed before the token at hand expired. It is asked again, and at the next connect.
    case tokenRenewalFailed(AMQPConnectionRole, AMQPError)
    /// An exchange, queue or binding could not be declared. That is tried again, with back-off: minutes where it ended the
    /// connection.
    case topologyFailed(AMQPConnectionRole, AMQPSubject, AMQPError)
    /// All exchanges, queues and bindings are there.
    case topologyDeclared(AMQPConnectionRole)
    /// The broker named a queue that has no name of its own.
    case queueNamed(alias: String, name: String)
    /// The broker closed a channel that is kept open for publishing; another one follows.
    case publishingChannelClosed(AMQPError)
    /// The broker said that the consumer runs.
    case consumerStarted(queue: String)
    /// The consumer does not run, for this reason; it is tried again.
    case consumerInterrupted(queue: String, AMQPError)
    /// The consumer failed twice in the same way, with nothing done in between. It is not tried again.
    case consumerFailed(queue: String, AMQPError)
}
