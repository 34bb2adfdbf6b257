import DequeModule

/// How far deliveries are decided, without a gap: what one acknowledgement may cover.
///
/// Most are decided in the order in which they came; one that waits for the spool to take its dead
/// letter holds up the acknowledgement of those behind it, not their sending.
struct DeliveryMark: Sendable {
    private var open: Deque<(tag: UInt64, decided: Bool)> = []

    /// Deliveries that are not yet acknowledged.
    var count: Int { open.count }

    /// A delivery came.
    mutating func opened(_ tag: UInt64) {
        open.append((tag, false))
    }

    /// A delivery was sent, dropped, or kept as a dead letter.
    ///
    /// - Returns: the tag through which everything is decided, where that moved.
    mutating func decided(_ tag: UInt64) -> UInt64? {
        var low = 0
        var high = open.count
        while low < high {
            let middle = (low + high) / 2
            if open[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        guard low < open.count, open[low].tag == tag else { return nil }
        open[low].decided = true
        var through: UInt64?
        while let first = open.first, first.decided {
            through = first.tag
            open.removeFirst()
        }
        return through
    }

    /// The channel is gone, and its tags with it.
    mutating func forget() {
        open.removeAll()
    }
}
