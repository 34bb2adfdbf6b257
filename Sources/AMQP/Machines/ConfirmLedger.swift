import DequeModule

/// What became of each publish on a channel in confirm mode: every sequence number that was given out is
/// settled exactly once.
///
/// Everything is O(1) amortised a message. What is settled is gathered in runs, as brokers confirm in runs.
struct ConfirmLedger {
    enum Violation: Error, Equatable {
        /// The broker confirmed a number that was never published, or has been settled.
        case unknownTag(UInt64)
        /// A message came back that was not published as mandatory, or is settled.
        case unknownReturn
    }

    /// A settled slot keeps its place until those before it are settled.
    private static let settledSlot = -1

    /// Body sizes of the publishes from `first` on.
    private var slots: Deque<Int> = []
    private var first: UInt64 = 1
    private var returns: [UInt64: PublishReturn] = [:]
    private(set) var outstanding = 0
    private(set) var outstandingBytes = 0
    private(set) var settlements: [PublishSettlement] = []

    /// The number that the next publish gets.
    private(set) var nextNumber: UInt64 = 1

    /// Numbers from the oldest unsettled one on, which is what the window bounds: a hole that stays open must not
    /// let the ledger grow.
    var span: Int { slots.count }

    mutating func published(bytes: Int) -> UInt64 {
        let number = nextNumber
        nextNumber += 1
        slots.append(bytes)
        outstanding += 1
        outstandingBytes += bytes
        return number
    }

    mutating func returned(_ number: UInt64, _ details: PublishReturn) throws(Violation) {
        guard number >= first, number < nextNumber, slots[Int(number - first)] != Self.settledSlot else {
            throw .unknownReturn
        }
        returns[number] = details
    }

    /// basic.ack, or basic.nack when `accepted` is false. A `tag` of 0 with `multiple` means all so far.
    mutating func settle(_ tag: UInt64, multiple: Bool, accepted: Bool) throws(Violation) {
        let last = multiple && tag == 0 ? nextNumber - 1 : tag
        guard multiple || last >= first, last < nextNumber, multiple || tag > 0 else { throw .unknownTag(tag) }
        if multiple {
            settle(through: last, as: accepted ? .confirmed : .nacked)
        } else {
            let index = Int(last - first)
            guard slots[index] != Self.settledSlot else { throw .unknownTag(tag) }
            settle(at: index..<index + 1, as: accepted ? .confirmed : .nacked)
            dropSettled()
        }
    }

    /// All that is left has the one outcome: the channel is gone, or its transaction committed.
    mutating func settleAll(as outcome: PublishOutcome) {
        settle(through: nextNumber - 1, as: outcome)
    }

    /// The transaction was rolled back: what it published was never there.
    mutating func forgetAll() {
        slots.removeAll()
        returns = [:]
        first = nextNumber
        outstanding = 0
        outstandingBytes = 0
    }

    /// What was settled since the last call, in the order in which it was.
    mutating func takeSettlements() -> [PublishSettlement] {
        defer { settlements.removeAll(keepingCapacity: false) }
        return settlements
    }

    private mutating func settle(through last: UInt64, as outcome: PublishOutcome) {
        guard last >= first else { return }
        let count = Int(last - first) + 1
        var index = 0
        while index < count {
            let start = index
            // A run is settled at once; each of those that may have come back by itself.
            while index < count, slots[index] != Self.settledSlot, returns.isEmpty || index == start { index += 1 }
            if index > start {
                settle(at: start..<index, as: outcome)
            } else {
                index += 1
            }
        }
        slots.removeFirst(count)
        first = last + 1
        dropSettled()
    }

    /// None of the numbers is settled; where there are several, none came back.
    private mutating func settle(at indices: Range<Int>, as outcome: PublishOutcome) {
        let numbers = first + UInt64(indices.lowerBound)...first + UInt64(indices.upperBound - 1)
        outstanding -= indices.count
        for index in indices {
            outstandingBytes -= slots[index]
            slots[index] = Self.settledSlot
        }
        var outcome = outcome
        if !returns.isEmpty, let details = returns.removeValue(forKey: numbers.lowerBound), case .confirmed = outcome {
            outcome = .returned(details)
        }
        // The last one is looked at where it is: a copy would be counted.
        let last = settlements.endIndex - 1
        if last >= 0, settlements[last].numbers.upperBound + 1 == numbers.lowerBound,
            settlements[last].outcome.mergesWith(outcome)
        {
            settlements[last].numbers = settlements[last].numbers.lowerBound...numbers.upperBound
        } else {
            settlements.append(PublishSettlement(numbers: numbers, outcome: outcome))
        }
    }

    private mutating func dropSettled() {
        while let slot = slots.first, slot == Self.settledSlot {
            slots.removeFirst()
            first += 1
        }
    }
}
