/// What happens to a connection without being asked for.
public enum AMQPConnectionEvent: Sendable {
    /// The broker takes no publishes for now, as its memory or disk runs short. Acknowledgements and
    /// consuming go on.
    case blocked(reason: String)
    /// The broker takes publishes again.
    case unblocked
    /// The provider of tokens failed before the token at hand expired. It is asked again while the connection lasts.
    case tokenRenewalFailed(AMQPError)
    /// The connection is over, for this reason.
    case closed(AMQPError)
}
