import DequeModule

// Messages that were handed over and are done with.
extension JournalMachine {
    /// Every message up to `position` is settled, but for those reported by `reject`, whose letters are kept.
    mutating func settle(through position: JournalPosition) {
        let passed = holes.isEmpty ? [] : holes.keys.filter { $0 <= position }.sorted()
        for rejected in passed { bury(rejected) }
        while let oldest = flight.first, oldest.row <= position.row {
            let reached = oldest.row < position.row ? oldest.batch.count : min(oldest.batch.count, position.index + 1)
            guard reached > oldest.settled else { break }
            settleOldest(upTo: reached)
            if reached < oldest.batch.count { break }
        }
        closeHoles()
    }

    /// The message at `position` is rejected: settled, once all before it are.
    ///
    /// - Returns: False where no such message is in flight; nothing is done then.
    @discardableResult
    mutating func reject(at position: JournalPosition, _ letter: DeadLetter) -> Bool {
        guard let oldest = flight.first, position >= oldest.next, let newest = flight.last,
            position < JournalPosition(row: newest.row, index: newest.batch.count), holes[position] == nil
        else { return false }
        holes[position] = letter
        counts.letterBytes += letter.byteCount
        closeHoles()
        return true
    }

    /// A change to the dead letters that has nothing to do with the journal's rows.
    mutating func change(_ letter: PendingLetter) {
        letters.append(letter)
        counts.letterBytes += letter.byteCount
    }

    private mutating func closeHoles() {
        while let oldest = flight.first, holes[oldest.next] != nil {
            bury(oldest.next)
            settleOldest(upTo: oldest.settled + 1)
        }
    }

    private mutating func bury(_ position: JournalPosition) {
        guard let letter = holes.removeValue(forKey: position) else { return }
        letters.append(.rejected(position, letter))
    }

    private mutating func settleOldest(upTo reached: Int) {
        guard let oldest = flight.first else { return }
        counts.messages -= reached - oldest.settled
        counts.settled += reached - oldest.settled
        counts.flightMessages -= reached - oldest.settled
        guard reached == oldest.batch.count else {
            flight[0].settled = reached
            settled = flight[0].next
            return
        }
        flight.removeFirst()
        counts.bytes -= oldest.batch.byteCount
        counts.flightBytes -= oldest.batch.byteCount
        settled = JournalPosition(row: oldest.row + 1, index: 0)
        dropSettledTail()
    }

    /// What was handed over from memory and settled there need never be written.
    private mutating func dropSettledTail() {
        while handedOver > 0, let entry = queue.first, entry.row < settled.row {
            queue.removeFirst()
            handedOver -= 1
            counts.queuedMessages -= entry.batch.count
            counts.queuedBytes -= entry.batch.byteCount
            lastWritten = entry.row
            nextRead = entry.row + 1
        }
    }
}
