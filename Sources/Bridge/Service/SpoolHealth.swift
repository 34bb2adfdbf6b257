import Spool

/// Tells what the state of the spool means for the bridge as a whole.
///
/// A plain value: it is told what the journal shows, and times are nanoseconds of any clock that only goes forward.
struct SpoolHealth {
    enum State: Equatable {
        case well
        /// The spool takes nothing; messages still leave.
        case degraded(SpoolRefusal)
        /// The spool takes nothing, and what waits does not get less.
        case full(SpoolRefusal)
        /// One operation of the disk has been going on for this long.
        case stalled(Duration)

        /// Why the bridge is not ready then.
        var reason: ReadinessReason? {
            switch self {
            case .well, .degraded: nil
            case .full: .spoolFull
            case .stalled: .diskStalled
            }
        }
    }

    /// An operation of the disk that takes longer is a stall. A busy database is given up after a second.
    static let stallLimit = Duration.seconds(5)
    /// Messages that wait, and none of which is settled for so long, do not move.
    static let standstillLimit: UInt64 = 5_000_000_000

    private var settled = 0
    private var movedAt: UInt64

    init(now: UInt64) {
        movedAt = now
    }

    /// What the journal's status means now.
    ///
    /// - Parameter busyFor: how long the disk operation in progress has been going on.
    mutating func state(of status: SpoolStatus, busyFor: Duration?, now: UInt64) -> State {
        if status.settled != settled || status.messages == 0 {
            settled = status.settled
            movedAt = now
        }
        if let busyFor, busyFor >= Self.stallLimit { return .stalled(busyFor) }
        guard let refusal = status.refusal else { return .well }
        return now - movedAt >= Self.standstillLimit ? .full(refusal) : .degraded(refusal)
    }
}
