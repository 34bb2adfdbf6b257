import DequeModule

// Batches on their way to the sink.
extension JournalMachine {
    /// A row as the disk has it.
    struct StoredRow {
        let row: Int64
        let batch: ReceivedBatch
        let origin: JournalledBatch.Origin
    }

    /// Rows on disk and the room that there is for them.
    struct Page: Equatable {
        let from: Int64
        /// Rows from this one on are not wanted.
        let before: Int64
        let messages: Int
        let bytes: Int
    }

    /// The start found rows on disk, of which what comes before `mark` is settled.
    mutating func recover(rows: ClosedRange<Int64>?, mark: JournalPosition, messages: Int, bytes: Int, since: Int64?) {
        settled = mark
        writtenMark = mark
        lastWritten = max(rows?.upperBound ?? 0, mark.row)
        nextRead = rows?.lowerBound ?? lastWritten + 1
        recoveredThrough = lastWritten
        counts.messages = messages
        counts.bytes = bytes
        counts.backlogMessages = messages
        counts.backlogBytes = bytes
        counts.backlogSince = since
    }

    /// Dead letters that are tried again came to disk, while nothing was queued.
    mutating func wrote(row: Int64, _ batch: ReceivedBatch) {
        counts.receiveAgain(batch)
        let nothingWaited = !hasBacklog
        lastWritten = row
        if nothingWaited { nextRead = row }
        counts.addToBacklog(batch)
    }

    /// What is to be read from the disk; nil while the window has little room or the disk has nothing to hand over that is
    /// not in memory too.
    func nextPage() -> Page? {
        guard hasRoomForPage, recent.first?.row != nextRead else { return nil }
        let bytes = min(limits.windowBytes - counts.flightBytes, limits.pageBytes)
        let messages = limits.windowMessages - counts.flightMessages
        return Page(from: nextRead, before: recent.first?.row ?? .max, messages: messages, bytes: bytes)
    }

    /// As many batches as a page has, of those next to hand over that need not be read.
    mutating func handOverRecent() -> [JournalledBatch] {
        guard hasRoomForPage else { return [] }
        var batches: [JournalledBatch] = []
        var bytes = 0
        while hasRoom, bytes < limits.pageBytes, let (row, batch) = recent.first, row == nextRead {
            recent.removeFirst()
            recentBytes -= batch.memory
            bytes += batch.byteCount
            nextRead = row + 1
            counts.removeFromBacklog(messages: batch.count, bytes: batch.byteCount)
            batches.append(handOver(batch, row: row, settled: 0, origin: .live))
        }
        return batches
    }

    /// Half a window has to be free, or each settlement would read a row by itself.
    private var hasRoomForPage: Bool {
        hasBacklog && (limits.windowMessages - counts.flightMessages) * 2 >= limits.windowMessages
            && (limits.windowBytes - counts.flightBytes) * 2 >= limits.windowBytes
            && counts.letterBytes < limits.letterBytes
    }

    /// The rows of a page, in order; `isLast` where the disk has no more of those wanted.
    ///
    /// - Returns: The batches that are handed over.
    mutating func read(_ rows: [StoredRow], isLast: Bool) -> [JournalledBatch] {
        let batches = rows.map { stored in
            let partly = stored.row == settled.row ? min(settled.index, stored.batch.count) : 0
            nextRead = stored.row + 1
            counts.removeFromBacklog(messages: stored.batch.count - partly, bytes: stored.batch.byteCount)
            let origin = stored.row <= recoveredThrough ? .recovered : stored.origin
            return handOver(stored.batch, row: stored.row, settled: partly, origin: origin)
        }
        if isLast, let next = recent.first { nextRead = next.row } else if isLast { forgetBacklog() }
        return batches
    }

    /// A row can't be handed over: it is corrupt, and no longer in the journal.
    mutating func skip(row: Int64, messages: Int, bytes: Int) {
        nextRead = row + 1
        counts.removeFromBacklog(messages: messages, bytes: bytes)
        counts.messages -= messages
        counts.settled += messages
        counts.bytes -= bytes
    }

    /// Batches to hand over before they are on disk, which holds nothing older: all there is room for while it refuses them,
    /// else one while nothing is in flight. That one need not wait for the disk: it is written meanwhile, and whichever of disk
    /// and broker is first to have it keeps it.
    mutating func handOverUnwritten() -> [JournalledBatch] {
        guard !hasBacklog else { return [] }
        var batches: [JournalledBatch] = []
        while handedOver < queue.count, hasRoom, flight.isEmpty || refusal != nil {
            counts.receive(&queue[handedOver])
            let entry = queue[handedOver]
            batches.append(handOver(entry.batch, row: entry.row, settled: 0, origin: .live))
            handedOver += 1
        }
        return batches
    }

    /// Whatever was on disk and not handed over is no more.
    mutating func forgetBacklog() {
        counts.messages -= counts.backlogMessages
        counts.bytes -= counts.backlogBytes
        counts.removeFromBacklog(messages: counts.backlogMessages, bytes: counts.backlogBytes)
        nextRead = lastWritten + 1
        recent.removeAll()
        recentBytes = 0
    }

    /// A batch just written, `lastWritten`, waits on disk until the window has room.
    mutating func leaveOnDisk(row: Int64, _ batch: ReceivedBatch) {
        if nextRead >= row { nextRead = row }
        counts.addToBacklog(batch)
        guard recentBytes + batch.memory <= limits.recentBytes else { return }
        recent.append((row, batch))
        recentBytes += batch.memory
    }

    mutating func handOver(
        _ batch: ReceivedBatch,
        row: Int64,
        settled: Int,
        origin: JournalledBatch.Origin
    ) -> JournalledBatch {
        let entry = Flight(row: row, batch: batch, settled: settled)
        flight.append(entry)
        counts.flightMessages += batch.count - settled
        counts.flightBytes += batch.byteCount
        return JournalledBatch(first: entry.next, batch: batch.dropFirst(settled), origin: origin)
    }
}

extension JournalMachine.Counts {
    fileprivate mutating func addToBacklog(_ batch: ReceivedBatch) {
        if backlogMessages == 0 { backlogSince = batch.receivedAt }
        backlogMessages += batch.count
        backlogBytes += batch.byteCount
    }

    mutating func removeFromBacklog(messages: Int, bytes: Int) {
        backlogMessages -= messages
        backlogBytes -= bytes
    }
}
