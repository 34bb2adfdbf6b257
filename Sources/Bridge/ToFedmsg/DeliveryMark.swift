import DequeModule

/// Which deliveries are decided, and what may be acknowledged of them.
///
/// Most are decided in the order in which they came, and one acknowledgement covers many. One that waits for the spool to
/// take its dead letter may do so for hours: those behind it are acknowledged one by one, as the broker would else send no
/// more, and in half an hour all of them again.
struct DeliveryMark: Sendable {
    /// What may be acknowledged, in this order: each of some, then all through one, that one included.
    struct Due: Sendable, Equatable {
        var single: [UInt64] = []
        var through: UInt64?

        var isEmpty: Bool { single.isEmpty && through == nil }
    }

    private var open: Deque<(tag: UInt64, decided: Bool)> = []
    /// Those that wait for their dead letters, in order.
    private var waiting: [UInt64] = []
    private var due = Due()

    /// Deliveries that are not decided, or behind such.
    var count: Int { open.count + waiting.count }

    /// A delivery came.
    mutating func opened(_ tag: UInt64) {
        open.append((tag, false))
    }

    /// The delivery that came last waits for its dead letter.
    mutating func waits(_ tag: UInt64) {
        guard open.last?.tag == tag else { return }
        open.removeLast()
        waiting.append(tag)
    }

    /// A delivery was sent, dropped, or kept as a dead letter.
    mutating func decided(_ tag: UInt64) {
        if let index = waiting.firstIndex(of: tag) {
            waiting.remove(at: index)
            return settle(tag)
        }
        var low = 0
        var high = open.count
        while low < high {
            let middle = (low + high) / 2
            if open[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        guard low < open.count, open[low].tag == tag else { return }
        open[low].decided = true
        while let first = open.first, first.decided {
            open.removeFirst()
            settle(first.tag)
        }
    }

    private mutating func settle(_ tag: UInt64) {
        let isFirst = (open.first.map { tag < $0.tag } ?? true) && (waiting.first.map { tag < $0 } ?? true)
        if isFirst { due.through = max(tag, due.through ?? 0) } else { due.single.append(tag) }
    }

    /// What has become due since the last call.
    mutating func takeDue() -> Due {
        defer { due = Due() }
        return due
    }

    /// The channel is gone, and its tags with it.
    mutating func forget() {
        self = DeliveryMark()
    }
}
