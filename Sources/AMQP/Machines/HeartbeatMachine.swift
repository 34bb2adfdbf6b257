/// When to send a heartbeat, and when the peer counts as dead.
///
/// Times are measured from whatever moment the caller counts from; only differences matter.
struct HeartbeatMachine {
    enum Action: Equatable {
        case none
        case send
        case peerIsDead
    }

    /// The negotiated interval; zero switches both directions off.
    let interval: Duration
    /// So often something goes out, so long may nothing come.
    private let (sending, silence): (Duration, Duration)
    private var lastReceived: Duration
    private var lastSent: Duration
    private var isReadingPaused = false

    init(interval: Duration, now: Duration) {
        self.interval = interval
        (sending, silence) = (interval / 2, interval * 2)
        lastReceived = now
        lastSent = now
    }

    /// Any byte is life, not heartbeats alone.
    mutating func received(at now: Duration) {
        lastReceived = now
    }

    mutating func sent(at now: Duration) {
        lastSent = now
    }

    /// While we don't read, silence is ours and not the peer's.
    mutating func readingPaused() {
        isReadingPaused = true
    }

    mutating func readingResumed(at now: Duration) {
        isReadingPaused = false
        lastReceived = now
    }

    /// A socket that takes nothing has bytes waiting already; one more heartbeat behind them says nothing.
    mutating func tick(at now: Duration, isWritable: Bool) -> Action {
        guard interval > .zero else { return .none }
        if !isReadingPaused, now - lastReceived >= silence { return .peerIsDead }
        guard now - lastSent >= sending else { return .none }
        lastSent = now
        return isWritable ? .send : .none
    }

    /// When the next ``tick(at:isWritable:)`` may have something to say.
    var nextTick: Duration? {
        guard interval > .zero else { return nil }
        let nextSend = lastSent + sending
        return isReadingPaused ? nextSend : min(nextSend, lastReceived + silence)
    }
}
