import Synchronization

/// Lets the ZeroMQ side reach the AMQP side, which is made after it and holds on to it, and others see whether it can send.
final class SideLink: Sendable {
    private struct Weak {
        weak var side: AMQPSide?
    }

    /// Whether messages can leave to fedmsg.
    let isSendable = Atomic(false)
    private let side = Mutex(Weak())

    var amqpSide: AMQPSide? { side.withLock { $0.side } }

    func connect(_ amqpSide: AMQPSide) {
        side.withLock { $0.side = amqpSide }
    }
}
