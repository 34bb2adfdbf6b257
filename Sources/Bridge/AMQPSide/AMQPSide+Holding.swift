import AMQP
import Logging
import NIOCore
import Settings

// When the bridge rests: nothing is published while it is held, and nothing consumed where that leads nowhere.
extension AMQPSide {
    /// Whether messages can leave to fedmsg, from any executor.
    nonisolated func setSendable(_ isSendable: Bool) {
        eventLoop.execute { [weak self] in
            self?.assumeIsolated { side in
                side.gate.setSendable(isSendable, now: side.clock.uptime)
                side.applyGate()
            }
        }
    }

    /// Whether publishing and consuming rest, from any executor.
    nonisolated func setHeld(_ isHeld: Bool) {
        eventLoop.execute { [weak self] in
            self?.assumeIsolated { side in
                side.gate.isHeld = isHeld
                side.applyGate()
                side.pump()
            }
        }
    }

    /// Has consumers run or rest as the gate says, now and when that changes by time alone.
    func applyGate() {
        guard configuration.toFedmsg.enabled else { return }
        let before = gateChange
        gateChange = Task {
            await before?.value
            await self.followGate()
        }
        gateTimer?.cancel()
        gateTimer = nil
        let now = clock.uptime
        guard let time = gate.closesAt, time > now else { return }
        gateTimer = eventLoop.scheduleTask(in: .nanoseconds(Int64(clamping: time - now))) { [weak self] in
            self?.assumeIsolated { $0.applyGate() }
        }
    }

    private func followGate() async {
        // At a stop what is in hand still goes out, if it can in its time.
        guard !isStopping else { return }
        let isOpen = gate.isOpen(now: clock.uptime)
        if isOpen == isResting {
            isResting = !isOpen
            logger.notice(isOpen ? "consuming again" : "consuming rests: what is in hand goes back to the broker")
        }
        // What libzmq has taken is told and acknowledged by then: the rest may last longer than the duplicate window.
        if isResting { for run in runs where run.channel != nil { await forgetFedmsgs(run.epoch) } }
        // Some may have been made since the gate last changed; the others know that they rest or run already.
        for consumer in consumers {
            if isOpen { await consumer.resume() } else { await consumer.pause() }
        }
    }
}
