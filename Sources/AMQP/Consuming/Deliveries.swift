/// The deliveries of a consumer, in order, for one task that takes them as it gets on.
///
/// The sequence ends when the task is cancelled, whatever has arrived by then, and behind what has arrived when the consumer is
/// cancelled by ``AMQPChannel/cancel(_:)``. It throws when the broker cancels the consumer, and when the channel or the
/// connection is lost: what was not settled then is delivered again. Once ``AMQPChannel/cancel(_:)`` has returned, a loss shows only
/// as what is left is settled, with `staleDelivery`.
public struct Deliveries: AsyncSequence, Sendable {
    /// What it gives.
    public typealias Element = AMQPDelivery
    /// What it throws.
    public typealias Failure = AMQPError

    let buffer: DeliveryBuffer

    /// Takes deliveries one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let buffer: DeliveryBuffer

        /// The next delivery, once there is one.
        public mutating func next() async throws(AMQPError) -> AMQPDelivery? {
            try await buffer.next()
        }

        /// The next delivery, once there is one.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(AMQPError) -> AMQPDelivery? {
            try await buffer.next()
        }
    }

    /// One iterator takes what another would have got.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(buffer: buffer) }
}
