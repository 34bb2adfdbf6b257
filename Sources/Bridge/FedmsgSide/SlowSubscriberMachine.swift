import DequeModule

/// Decides how long a subscriber that lags may hold up the others.
///
/// A PUB socket that may not drop answers `EAGAIN` when a subscriber's queue is at its high water
/// mark, and tells of room only when half of that has drained. The bridge waits for that, but no
/// longer than the grace; then the message is sent once with dropping allowed, which sets that one
/// subscriber aside. A stranger must not slow everybody by coming back again and again: graces that
/// ran out may take a tenth of any ten minutes, then slow subscribers are left behind at once.
///
/// The subscriber's libzmq takes in halves of its own queue as well, and the kernel between them hands on in lumps: of two
/// halves that it takes at an even pace, both may show in one wait and none in the next, which is as long as two. So what a
/// wait left of the grace counts for the next one, up to half a grace.
///
/// A plain value: times are nanoseconds of any clock that only goes forward.
struct SlowSubscriberMachine: Sendable {
    enum Action: Equatable {
        /// Try the same message again then.
        case retry(at: UInt64)
        /// Send the message once with dropping allowed.
        case leaveBehind
    }

    /// Between tries: `ZMQ_POLLOUT` is of no help, it is always set on a PUB socket.
    static let retryInterval: UInt64 = 2_000_000
    /// Over which graces are reckoned.
    static let period: UInt64 = 600_000_000_000
    /// Of ``period``, what graces that ran out may take.
    static let allowance: UInt64 = period / 10

    /// Nanoseconds.
    var grace: UInt64
    private var blockedSince: UInt64?
    /// What the last wait left for the next one.
    private var left: UInt64 = 0
    /// Graces that ran out: when, and how long each was.
    private var spent: Deque<(at: UInt64, length: UInt64)> = []
    private var spentSum: UInt64 = 0

    /// - Parameter grace: nanoseconds.
    init(grace: UInt64) {
        self.grace = grace
    }

    /// Whether a message is parked for a subscriber's sake.
    var isBlocked: Bool { blockedSince != nil }

    /// Whether slow subscribers are left behind at once, since graces have taken what they may.
    mutating func hasSpentAllowance(now: UInt64) -> Bool {
        while let first = spent.first, first.at + Self.period <= now {
            spentSum -= first.length
            spent.removeFirst()
        }
        return spentSum >= Self.allowance
    }

    /// The socket answered `EAGAIN`.
    mutating func wouldBlock(now: UInt64) -> Action {
        if hasSpentAllowance(now: now) {
            blockedSince = nil
            return .leaveBehind
        }
        let since = blockedSince ?? now
        blockedSince = since
        let end = since + grace + left
        guard now >= end else { return .retry(at: min(now + Self.retryInterval, end)) }
        // A look that came late held up nobody for longer.
        let length = grace + left
        blockedSince = nil
        left = 0
        spent.append((now, length))
        spentSum += length
        return .leaveBehind
    }

    /// The message that is parked will not be sent: nobody waits any more.
    mutating func unparked() { blockedSince = nil }

    /// The socket took a message.
    mutating func taken(now: UInt64) {
        guard let since = blockedSince else { return }
        let waited = min(now - since, grace + left)
        left = min(grace + left - waited, grace / 2)
        blockedSince = nil
    }
}
