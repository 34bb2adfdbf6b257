public import NIOCore
import Synchronization

/// Knows whether the loops of the process turn: what `/live` and a service manager's watchdog are told.
///
/// A loop that waits for something outside the process, as for a disk, is not held against it.
public final class LoopWatch: Sendable {
    private struct Loop: Sendable {
        var name: String
        var isTurning: @Sendable (Duration) -> Bool
    }

    private static let interval = TimeAmount.seconds(1)

    private let limit: Duration
    private let loops = Mutex<[Loop]>([])

    /// A watch over nothing yet.
    ///
    /// - Parameter limit: how long a turn may take.
    public init(limit: Duration = .seconds(60)) {
        self.limit = limit
    }

    /// Watches a loop that can tell by itself whether it turned within a time.
    public func watch(_ name: String, isTurning: @escaping @Sendable (Duration) -> Bool) {
        loops.withLock { $0.append(Loop(name: name, isTurning: isTurning)) }
    }

    /// Watches an event loop, on which nothing may ever wait. It is given a task every second until it shuts down.
    public func watch(_ name: String, _ eventLoop: any EventLoop) {
        let lastTurn = LastTurn()
        eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.interval) { _ in lastTurn.note() }
        watch(name) { lastTurn.isWithin($0) }
    }

    /// The loops that have not turned for the limit, by name.
    public var stalled: [String] {
        let loops = loops.withLock { $0 }
        return loops.filter { !$0.isTurning(limit) }.map(\.name)
    }
}

private final class LastTurn: Sendable {
    private let instant = Mutex(SuspendingClock.now)

    func note() {
        instant.withLock { $0 = .now }
    }

    func isWithin(_ limit: Duration) -> Bool {
        instant.withLock { $0.duration(to: .now) } < limit
    }
}
