internal import DequeModule

/// Where a consumer of a stream goes on after a loss: the broker keeps no place for it, and would begin where it first did.
///
/// That is at the oldest message that was not known to be settled when the last ones came, or behind the newest.
struct StreamPosition {
    /// A header of each delivery, and an argument of basic.consume.
    private static let offset = "x-stream-offset"

    private var inHand: Deque<(tag: UInt64, offset: Int64)> = []
    private var next: Int64?
    /// Whether the queue is a stream; nil until a delivery has told.
    private var isStream: Bool?

    /// Deliveries came.
    ///
    /// - Parameter isOutstanding: whether a delivery waits for its settlement.
    mutating func arrived(_ deliveries: [AMQPDelivery], isOutstanding: (UInt64) -> Bool) {
        if isStream == nil, let first = deliveries.first { isStream = Self.offset(of: first) != nil }
        guard isStream == true else { return }
        while let oldest = inHand.first, !isOutstanding(oldest.tag) { inHand.removeFirst() }
        for delivery in deliveries {
            guard let offset = Self.offset(of: delivery) else { continue }
            next = offset + 1
            if isOutstanding(delivery.tag) { inHand.append((delivery.tag, offset)) }
        }
    }

    /// What to consume with from now on, on another channel.
    mutating func resume(_ arguments: AMQPTable) -> AMQPTable {
        next = inHand.first?.offset ?? next
        inHand = []
        guard let next else { return arguments }
        var arguments = arguments
        arguments[Self.offset] = .int64(next)
        return arguments
    }

    private static func offset(of delivery: AMQPDelivery) -> Int64? {
        guard case .int64(let offset) = try? delivery.properties.headers?.table()[offset] else { return nil }
        return offset
    }
}
