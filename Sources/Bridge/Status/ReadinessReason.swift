/// What keeps the bridge from moving messages. Raw values are the codes of `/ready` and the labels of
/// `fedmsg_bridge_not_ready`.
public enum ReadinessReason: String, CaseIterable, Sendable {
    /// No connection to the broker.
    case brokerAway = "broker_away"
    /// The broker has blocked publishing, for an alarm of memory or disk, or nacks whatever is published.
    case blocked
    /// The exchange to publish to does not exist.
    case exchangeMissing = "exchange_missing"
    /// The queue to consume from can't be had: it is not there, its node is down, or somebody else has it for himself.
    case queueDown = "queue_down"
    /// The broker refuses the user, the virtual host, the exchange or the queue.
    case accessRefused = "access_refused"
    /// TLS failed, or the key that signs fedmsgs does.
    case tls
    /// `remote_publish` is on and no relay is connected.
    case noRelay = "no_relay"
    /// `require_subscriber` is on and nobody has subscribed.
    case noSubscriber = "no_subscriber"
    /// An endpoint to bind is in use.
    case addressInUse = "address_in_use"
    /// The CA is expired or unreadable; nothing is judged until it is replaced.
    case caExpired = "ca_expired"
    /// The CRL is expired or unreadable; nothing is judged until it is replaced.
    case crlExpired = "crl_expired"
    /// The disk does not answer.
    case diskStalled = "disk_stalled"
    /// The spool takes nothing, and neither does the broker.
    case spoolFull = "spool_full"
    /// None of the ZeroMQ endpoints is connected.
    case notConnected = "not_connected"
}
