/// Why a message was left out on purpose. Raw values are the `reason` labels of
/// `fedmsg_bridge_dropped_total`.
public enum DropReason: String, CaseIterable, Sendable {
    /// It came from a bridge: forwarding it would send it round for ever.
    case looped
    /// An earlier message had the same id, topic and body.
    case duplicate
    /// There was no room left, on disk or in memory: a loss.
    case spoolFull = "spool_full"
}
