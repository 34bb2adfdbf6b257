import DequeModule
import NIOCore
import Synchronization

/// Deliveries between the connection's event loop and the task that takes them one by one.
///
/// A lock and no hop: what has arrived is taken without waking anybody. What it holds is bounded by whoever appends,
/// who is told when to stop.
final class DeliveryBuffer: Sendable {
    typealias Next = Result<AMQPDelivery?, AMQPError>

    fileprivate struct State {
        var deliveries: Deque<AMQPDelivery> = []
        var bytes = 0
        var isFull = false
        var waiter: CheckedContinuation<Next, Never>?
        /// What the taker gets instead of more deliveries.
        var end: Next?
        /// Whether he gets it before what is there.
        var hasGivenUp = false
        /// Whether what still comes is worthless.
        var isClosed = false
    }

    private let state = Mutex(State())
    private let maxBytes: Int
    private let drained: @Sendable () -> Void

    /// - Parameter drained: called after the buffer was full, once half of it is taken.
    init(maxBytes: Int, drained: @escaping @Sendable () -> Void) {
        self.maxBytes = maxBytes
        self.drained = drained
    }

    /// Returns true when the buffer has become full by it: then nothing more should come until `drained`. After its end,
    /// when nobody takes any more, it is never full.
    func append(_ deliveries: [AMQPDelivery]) -> Bool {
        let (waiter, delivery, isFull) = state.withLock { state in
            guard !state.isClosed else {
                return (nil as CheckedContinuation<Next, Never>?, nil as AMQPDelivery?, false)
            }
            for delivery in deliveries {
                state.deliveries.append(delivery)
                state.bytes += delivery.size
            }
            let waiter = state.waiter.take()
            let delivery = waiter == nil ? nil : state.take()
            let isFull = !state.isFull && state.end == nil && state.bytes > maxBytes
            if isFull { state.isFull = true }
            return (waiter, delivery, isFull)
        }
        waiter?.resume(returning: .success(delivery))
        return isFull
    }

    /// The next delivery, once there is one; nil at the end, or when the task is cancelled.
    func next() async throws(AMQPError) -> AMQPDelivery? {
        if Task.isCancelled {
            giveUp()
            return nil
        }
        let (next, isDrained) = state.withLock { state in
            (state.next(), state.drains(below: maxBytes / 2))
        }
        if isDrained { drained() }
        if let next { return try next.get() }
        return try await wait().get()
    }

    private func wait() async -> Next {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let next: Next? = state.withLock { state in
                    if let next = state.next() { return next }
                    guard state.waiter == nil else {
                        return .failure(AMQPError(.invalidArgument, "two tasks take from one consumer's deliveries"))
                    }
                    state.waiter = continuation
                    return nil
                }
                if let next { continuation.resume(returning: next) }
            }
        } onCancel: {
            giveUp()
        }
    }

    /// Nothing more will come. What is there is taken first, unless it is worthless.
    func end(with end: Next, dropping: Bool = false) {
        let (waiter, isDrained) = state.withLock { state in
            // What is dropped is never taken: that it goes is told, though the end was another one.
            if state.end == nil || dropping && !state.hasGivenUp { state.end = end }
            if dropping { state.close() }
            return (state.waiter.take(), state.drains(below: .max))
        }
        waiter?.resume(returning: end)
        if isDrained { drained() }
    }

    /// Nobody takes any more. Where it has ended already, what is there is still taken.
    func giveUp() {
        state.withLock { state in
            if state.end == nil { state.hasGivenUp = true }
        }
        end(with: .success(nil))
    }

    /// Ends the buffer and takes out what nobody took.
    func takeRest() -> [AMQPDelivery] {
        let (rest, isDrained) = state.withLock { state in
            if state.end == nil { state.end = .success(nil) }
            let rest = Array(state.deliveries)
            state.close()
            return (rest, state.drains(below: .max))
        }
        if isDrained { drained() }
        return rest
    }
}

extension DeliveryBuffer.State {
    fileprivate mutating func take() -> AMQPDelivery? {
        guard let delivery = deliveries.popFirst() else { return nil }
        bytes -= delivery.size
        return delivery
    }

    /// What there is for the taker: a delivery, or the end, which waits its turn unless he gave up.
    fileprivate mutating func next() -> DeliveryBuffer.Next? {
        if hasGivenUp { return end }
        return take().map { .success($0) } ?? end
    }

    fileprivate mutating func close() {
        isClosed = true
        deliveries = []
        bytes = 0
    }

    fileprivate mutating func drains(below bytes: Int) -> Bool {
        guard isFull, self.bytes <= bytes else { return false }
        isFull = false
        return true
    }
}

extension AMQPDelivery {
    /// Roughly what it keeps in memory.
    fileprivate var size: Int { body.readableBytes + encodedProperties.readableBytes + 256 }
}
