internal import DequeModule

/// Where a consumer of a stream goes on after a loss: the broker keeps no place for it, and would begin where it first did.
///
/// That is at the oldest message that was not known to be settled when the last ones came, or behind the newest.
struct StreamPosition {
    /// A header of each delivery, and an argument of basic.consume.
    static let offset = "x-stream-offset"

    private var inHand: Deque<(tag: UInt64, offset: Int64)> = []
    private var next: Int64?
    /// Whether deliveries of this run have offsets; nil before the first.
    private var hasOffsets: Bool?

    /// Deliveries came.
    ///
    /// - Parameter isSettled: whether a delivery is known to be settled.
    mutating func arrived(_ deliveries: [AMQPDelivery], needsSettlement: Bool, isSettled: (UInt64) -> Bool) {
        if hasOffsets == nil, let first = deliveries.first { hasOffsets = Self.offset(of: first) != nil }
        guard hasOffsets == true else { return }
        while let oldest = inHand.first, isSettled(oldest.tag) { inHand.removeFirst() }
        for delivery in deliveries {
            guard let offset = Self.offset(of: delivery) else { continue }
            next = offset + 1
            if needsSettlement { inHand.append((delivery.tag, offset)) }
        }
    }

    /// What to consume with from now on, on another channel.
    mutating func resume(_ arguments: AMQPTable) -> AMQPTable {
        next = inHand.first?.offset ?? next
        inHand = []
        hasOffsets = nil
        guard let next else { return arguments }
        var arguments = arguments
        arguments[Self.offset] = .int64(next)
        return arguments
    }

    /// Anybody may write the header: what no stream counts to is none.
    private static func offset(of delivery: AMQPDelivery) -> Int64? {
        guard case .int64(let offset) = try? delivery.properties.headers?.table()[offset],
            (0..<Int64.max).contains(offset)
        else { return nil }
        return offset
    }
}
