import DequeModule

/// Which deliveries of a channel wait for their settlement. A tag that is settled twice would cost the whole
/// channel (406), so it is caught here and never sent.
///
/// All operations are O(1) amortised where tags are consecutive, as RabbitMQ's are.
struct DeliveryLedger {
    enum Violation: Error, Equatable {
        /// The tag was settled before, by itself or by a multiple.
        case alreadySettled
        /// The channel never delivered this tag.
        case unknownTag
    }

    private struct Entry {
        var tag: UInt64
        var isOutstanding: Bool
    }

    private var entries: Deque<Entry> = []
    private var lastTag: UInt64 = 0
    private(set) var outstanding = 0

    /// What is remembered: settled ones too, where they stand behind one that is held.
    var entryCount: Int { entries.count }

    /// Tags of a channel only rise; one that doesn't is the peer's error. Those of deliveries that need no settlement mean
    /// nothing: RabbitMQ gives every answer to a direct reply-to the tag that the next delivery is to have.
    ///
    /// Returns false when `tag` is not above all before it.
    mutating func delivered(_ tag: UInt64, needsSettlement: Bool) -> Bool {
        guard needsSettlement else { return true }
        guard tag > lastTag else { return false }
        lastTag = tag
        entries.append(Entry(tag: tag, isOutstanding: true))
        outstanding += 1
        return true
    }

    mutating func settle(_ tag: UInt64) throws(Violation) {
        guard let index = index(of: tag), entries[index].isOutstanding else { throw violation(of: tag) }
        entries[index].isOutstanding = false
        outstanding -= 1
        dropSettled()
    }

    /// Settles everything outstanding up to and including `tag`.
    ///
    /// Returns the tag to send: the highest one that was still outstanding, as the broker knows no other.
    mutating func settle(through tag: UInt64) throws(Violation) -> UInt64 {
        guard tag > 0, tag <= lastTag else { throw .unknownTag }
        var highest: UInt64?
        while let entry = entries.first, entry.tag <= tag {
            entries.removeFirst()
            guard entry.isOutstanding else { continue }
            outstanding -= 1
            highest = entry.tag
        }
        guard let highest else { throw .alreadySettled }
        dropSettled()
        return highest
    }

    func isOutstanding(_ tag: UInt64) -> Bool {
        index(of: tag).map { entries[$0].isOutstanding } ?? false
    }

    private func violation(of tag: UInt64) -> Violation {
        tag == 0 || tag > lastTag ? .unknownTag : .alreadySettled
    }

    private func index(of tag: UInt64) -> Int? {
        guard let first = entries.first, tag >= first.tag else { return nil }
        // Without gaps the distance is the index.
        if let guess = Int(exactly: tag - first.tag), guess < entries.count, entries[guess].tag == tag { return guess }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].tag < tag { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].tag == tag ? low : nil
    }

    /// Settled entries behind one that is held for long must not pile up.
    private mutating func dropSettled() {
        while let entry = entries.first, !entry.isOutstanding { entries.removeFirst() }
        if entries.count > 64, entries.count > 2 * outstanding {
            entries.removeAll { !$0.isOutstanding }
        }
    }
}
