import AMQP
import NIOCore
import Settings

// A broker that is there, and does not confirm the oldest of what is in flight: nothing behind that leaves the spool.
extension AMQPSide {
    /// Nanoseconds: far longer than a disk or an election takes.
    private static let silenceLimit: UInt64 = 60_000_000_000
    private static let silence = "silence"

    /// Has it noticed where what is in flight stays so.
    func watchForSilence() {
        guard silenceTimer == nil, machine.inFlight > 0 else { return }
        let silence = clock.uptime - min(clock.uptime, oldestMovedAt)
        let rest = silence < Self.silenceLimit ? Self.silenceLimit - silence : Self.silenceLimit
        silenceTimer = eventLoop.scheduleTask(in: .nanoseconds(Int64(clamping: rest))) { [weak self] in
            self?.assumeIsolated { side in
                side.silenceTimer = nil
                side.lookForSilence()
            }
        }
    }

    private func lookForSilence() {
        // The broker may not have what the socket has not taken.
        if publishing?.syncOperations.isWritable == false { oldestMovedAt = clock.uptime }
        if machine.inFlight > 0, !isBlocked, clock.uptime >= oldestMovedAt + Self.silenceLimit { noteSilence() }
        watchForSilence()
    }

    private func noteSilence() {
        isSilent = true
        let text = """
            the broker has not confirmed the oldest of what is published to '\(configuration.toAMQP.exchange)' for a minute: a \
            queue bound there is down or has no majority, or the broker does not answer; rabbitmqctl list_queues name type state \
            shows which: bring it back, or take its binding away and restart the bridge
            """
        board.raise(.blocked, source: Self.silence, text)
    }

    /// The oldest was settled, or another one is the oldest on its way.
    func endSilence() {
        oldestMovedAt = clock.uptime
        guard isSilent else { return }
        isSilent = false
        board.clear(.blocked, source: Self.silence)
    }
}
