import NIOCore

// A broker that is there, and confirms nothing: it waits for a queue that can't say that it has a message.
extension AMQPSide {
    /// Nanoseconds: far longer than a disk or an election takes.
    private static let silenceLimit: UInt64 = 60_000_000_000

    /// Has it noticed where what is in flight stays so.
    func watchForSilence() {
        guard silenceTimer == nil, machine.inFlight > 0 else { return }
        let silence = clock.uptime - min(clock.uptime, settledAt)
        let rest = silence < Self.silenceLimit ? Self.silenceLimit - silence : Self.silenceLimit
        silenceTimer = eventLoop.scheduleTask(in: .nanoseconds(Int64(clamping: rest))) { [weak self] in
            self?.assumeIsolated { side in
                side.silenceTimer = nil
                side.lookForSilence()
            }
        }
    }

    private func lookForSilence() {
        if machine.inFlight > 0, !isBlocked, clock.uptime >= settledAt + Self.silenceLimit { noteSilence() }
        watchForSilence()
    }
}
