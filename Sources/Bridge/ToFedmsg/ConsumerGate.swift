/// Decides whether messages are taken from the broker.
///
/// A broker gives up a consumer that holds deliveries for 30 minutes. So where nothing could be sent for a minute, what
/// is in hand goes back, once, and nothing is taken until something can be sent again. While the bridge is held, nothing
/// is taken either.
///
/// A plain value: times are nanoseconds of any clock that only goes forward.
struct ConsumerGate {
    /// How long deliveries are kept in hand while nothing can be sent.
    static let patience: UInt64 = 60_000_000_000

    private var unsendableSince: UInt64?
    var isHeld = false

    /// Nothing can be sent until it is said that something can.
    init(now: UInt64) {
        unsendableSince = now
    }

    /// Whether something can be sent, from now on.
    mutating func setSendable(_ isSendable: Bool, now: UInt64) {
        unsendableSince = isSendable ? nil : unsendableSince ?? now
    }

    /// Whether messages are taken now.
    func isOpen(now: UInt64) -> Bool {
        !isHeld && (closesAt.map { now < $0 } ?? true)
    }

    /// When it closes, if nothing can be sent until then.
    var closesAt: UInt64? { unsendableSince.map { $0 + Self.patience } }
}
