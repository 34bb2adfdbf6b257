import DequeModule

// Batches on their way to the disk.
extension JournalMachine {
    /// A batch arrived.
    mutating func accept(_ batch: ReceivedBatch) {
        guard !batch.isEmpty else { return }
        var entry = Entry(row: nextRow, batch: batch, isReceived: false)
        if refusal != nil { counts.receive(&entry) }
        queue.append(entry)
        counts.queuedMessages += batch.count
        counts.queuedBytes += batch.byteCount
    }

    /// Messages passed every check and are to be known as duplicates after a restart too.
    mutating func remember(_ entries: some Collection<DuplicateWindow.Entry>) {
        digests.append(contentsOf: entries)
        if digests.count > limits.digests { digests.removeFirst(digests.count - limits.digests) }
    }

    /// What is to be written next; nil for nothing. Answer with `committed` or `refuse`.
    func nextTransaction() -> JournalTransaction? {
        guard acceptance > .nothing else { return nil }
        var transaction = JournalTransaction()
        var room = limits.transactionBytes
        if acceptance >= .letters {
            transaction.letters = Array(letters.prefix { take($0.byteCount, of: &room) })
        }
        // A dead letter and its settlement are one transaction.
        let mark = letters.dropFirst(transaction.letters.count).lazy.compactMap(\.position).first ?? settled
        if mark > writtenMark { transaction.mark = mark }
        if acceptance == .everything {
            transaction.digests = Array(digests)
            transaction.rows = Array(queue.prefix { take($0.batch.byteCount, of: &room) })
            transaction.isProbe = refusal != nil
        }
        return transaction.isEmpty ? nil : transaction
    }

    /// The transaction is on disk.
    ///
    /// - Returns: The batches of it that are handed over now.
    mutating func committed(_ transaction: JournalTransaction) -> [JournalledBatch] {
        if let mark = transaction.mark { writtenMark = mark }
        for letter in transaction.letters { counts.letterBytes -= letter.byteCount }
        letters.removeFirst(transaction.letters.count)
        digests.removeFirst(transaction.digests.count)
        if acceptance == .everything { refusal = nil }
        return transaction.rows.compactMap { _ in firstOfQueueWritten() }
    }

    /// The transaction is not on disk, nothing of it; or reading failed, and the disk takes nothing.
    mutating func refuse(_ refusal: SpoolRefusal) {
        if self.refusal == nil {
            for index in queue.indices { counts.receive(&queue[index]) }
        }
        self.refusal = refusal
        acceptance = refusal.isForRoom ? acceptance.lower : .nothing
    }

    /// Time to see whether the disk takes everything again.
    mutating func probe() {
        acceptance = .everything
    }

    /// The database was corrupt, and a new one was begun.
    ///
    /// - Returns: Messages that were on disk alone.
    mutating func diskWasReplaced() -> Int {
        requeueRecent()
        requeueFlight()
        let lost = counts.backlogMessages
        forgetBacklog()
        letters = Deque(letters.compactMap(\.inNewDatabase))
        // The rows that follow have numbers that these had.
        recoveredThrough = 0
        writtenMark = JournalPosition(row: 0, index: 0)
        return lost
    }

    /// What waits in memory too is written once more.
    private mutating func requeueRecent() {
        guard let first = recent.first else { return }
        lastWritten = first.row - 1
        for (row, batch) in recent.reversed() {
            requeue(batch, row: row)
            counts.removeFromBacklog(messages: batch.count, bytes: batch.byteCount)
        }
        recent.removeAll()
        recentBytes = 0
    }

    /// So is what was handed over, but for what was before it was written.
    private mutating func requeueFlight() {
        let written = flight.dropLast(handedOver)
        guard let first = written.first else { return }
        for entry in written.reversed() { requeue(entry.batch, row: entry.row) }
        handedOver += written.count
        lastWritten = first.row - 1
    }

    private mutating func requeue(_ batch: ReceivedBatch, row: Int64) {
        queue.prepend(Entry(row: row, batch: batch, isReceived: true))
        counts.queuedMessages += batch.count
        counts.queuedBytes += batch.byteCount
    }

    /// Takes `bytes` of the room, if there is any left.
    private func take(_ bytes: Int, of room: inout Int) -> Bool {
        guard room > 0, bytes <= room || room == limits.transactionBytes else { return false }
        room -= bytes
        return true
    }

    private mutating func firstOfQueueWritten() -> JournalledBatch? {
        var entry = queue.removeFirst()
        counts.queuedMessages -= entry.batch.count
        counts.queuedBytes -= entry.batch.byteCount
        counts.receive(&entry)
        let nothingWaits = !hasBacklog
        lastWritten = entry.row
        if handedOver > 0 {
            handedOver -= 1
            nextRead = entry.row + 1
            return nil
        }
        guard nothingWaits, hasRoom else {
            leaveOnDisk(row: entry.row, entry.batch)
            return nil
        }
        nextRead = entry.row + 1
        return handOver(entry.batch, row: entry.row, settled: 0, origin: .live)
    }
}

extension JournalMachine.Counts {
    mutating func receive(_ entry: inout JournalMachine.Entry) {
        guard !entry.isReceived else { return }
        entry.isReceived = true
        receiveAgain(entry.batch)
        // Not the latest time: the clock may have been ahead before.
        newestReceivedAt = entry.batch.receivedAt
    }

    /// Of what is tried again nothing came from the bus now.
    mutating func receiveAgain(_ batch: ReceivedBatch) {
        messages += batch.count
        bytes += batch.byteCount
        newlyReceived += batch.count
    }
}

extension JournalMachine.Acceptance {
    fileprivate var lower: Self { Self(rawValue: rawValue - 1) ?? .nothing }
}

extension SpoolRefusal {
    /// Whether something smaller may still be written.
    var isForRoom: Bool {
        switch self {
        case .maxBytes, .heldByReader, .minFreeBytes, .diskFull: true
        case .busy, .failed: false
        }
    }
}
