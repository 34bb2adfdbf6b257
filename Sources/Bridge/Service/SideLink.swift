import Synchronization

/// Lets the ZeroMQ side reach the AMQP side, which is made after it and holds on to it.
final class SideLink: Sendable {
    private struct Weak {
        weak var side: AMQPSide?
    }

    private let side = Mutex(Weak())

    var amqpSide: AMQPSide? { side.withLock { $0.side } }

    func connect(_ amqpSide: AMQPSide) {
        side.withLock { $0.side = amqpSide }
    }
}
