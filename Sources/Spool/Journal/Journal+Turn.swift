import NIOCore

// One turn of the journal's thread: a transaction, a page, and what is due is shown.
extension Journal {
    /// How long settlements may wait for a batch to ride with.
    private static let flushDelay = TimeAmount.milliseconds(20)

    func turn() {
        guard !isClosed, sink != nil else { return }
        takeInbox()
        handOverUnwritten()
        let hasWritten = write()
        let hasRead = readPage()
        handOverUnwritten()
        publish()
        tellReceived()
        if hasWritten || hasRead { wake() } else { scheduleFlush() }
    }

    /// Writes one transaction, if one is due.
    ///
    /// - Returns: Whether another may be.
    func write() -> Bool {
        do {
            guard machine.isUrgent || isFlushDue, try repairForWriting(), let transaction = machine.nextTransaction()
            else {
                isFlushDue = false
                return false
            }
            let start = ContinuousClock.now
            let evicted = try onDisk { store throws(StoreFailure) in
                let newest = machine.counts.newestReceivedAt
                return try store.write(transaction, newestAt: newest, now: Self.now())
            }
            observer.journal(.committed(nanoseconds: (.now - start).nanoseconds))
            committed(transaction, evicted)
            // Not before: what was delivered need not wait for it.
            onDisk { store in
                store.measure()
                if machine.isEmpty { store.shrink(now: Self.now()) }
            }
            isFlushDue = false
        } catch {
            failed(error)
        }
        return true
    }

    /// Before anything is chosen to be written: a new database has more of it written again.
    ///
    /// - Returns: Whether the disk may take something.
    private func repairForWriting() throws(StoreFailure) -> Bool {
        guard machine.acceptance > .nothing else { return false }
        try repairIfNeeded()
        return true
    }

    private func committed(_ transaction: JournalTransaction, _ evicted: [DeadLetterCensus.Kind: Int]) {
        let wasRefusing = machine.refusal != nil
        deliver(machine.committed(transaction))
        tellEvicted(evicted)
        for letter in transaction.letters {
            switch letter {
            case .kept(_, let ticket?): waiting.removeValue(forKey: ticket)?()
            case .answered(let id, _): retrying.remove(id)
            case .rejected, .kept(_, nil): break
            }
        }
        if wasRefusing {
            if machine.refusal == nil { accepting() } else if transaction.mark != nil { roomWasFreed() }
        }
        if retrying.isEmpty, transaction.letters.contains(where: { $0.isAnswer }) { takeRetries() }
    }

    /// Hands over one page, if the sink has room for one: what is in memory too, or else reads it.
    ///
    /// - Returns: Whether there may be another.
    private func readPage() -> Bool {
        let recent = machine.handOverRecent()
        guard recent.isEmpty else {
            deliver(recent)
            return true
        }
        guard isReadable, let page = machine.nextPage() else { return false }
        do {
            let reading = try onDisk { store throws(StoreFailure) in try store.read(page) }
            deliver(machine.read(reading.rows, isLast: reading.isLast))
            if let corrupt = reading.corrupt, reading.rows.isEmpty { try bury(corrupt) }
        } catch {
            failed(error)
            return false
        }
        return true
    }

    /// They are told of first: what comes of them may be told while the disk is busy.
    private func handOverUnwritten() {
        let batches = machine.handOverUnwritten()
        guard !batches.isEmpty else { return }
        publish()
        tellReceived()
        deliver(batches)
    }

    private func bury(_ corrupt: JournalStore.CorruptRow) throws(StoreFailure) {
        let evicted = try onDisk { store throws(StoreFailure) in try store.bury(corrupt, now: Self.now()) }
        let settled = corrupt.row == machine.settled.row ? machine.settled.index : 0
        let messages = max(0, corrupt.messages - settled)
        machine.skip(row: corrupt.row, messages: messages, bytes: corrupt.bytes.readableBytes)
        observer.journal(.corruptRow(row: corrupt.row, messages: messages))
        tellEvicted(evicted)
    }

    func deliver(_ batches: [JournalledBatch]) {
        if !batches.isEmpty { sink?.deliver(batches) }
    }

    private func tellReceived() {
        let messages = machine.takeNewlyReceived()
        guard messages > 0 else { return }
        observer.journal(.received(messages: messages, newestAt: machine.counts.newestReceivedAt))
    }

    private func tellEvicted(_ evicted: [DeadLetterCensus.Kind: Int]) {
        for (kind, letters) in evicted {
            observer.journal(.evicted(direction: kind.direction, reason: kind.reason, letters: letters))
        }
    }

    private func scheduleFlush() {
        guard flushTimer == nil, machine.hasUnwrittenSettlements else { return }
        flushTimer = eventLoop.scheduleTask(in: Self.flushDelay) {
            self.assumeIsolated { journal in
                journal.flushTimer = nil
                journal.isFlushDue = true
                journal.turn()
            }
        }
    }

    static func status(_ machine: JournalMachine, _ store: JournalStore, since: Int64?) -> SpoolStatus {
        var status = SpoolStatus()
        let counts = machine.counts
        status.messages = counts.messages
        status.settled = counts.settled
        status.bytes = counts.bytes
        if machine.refusal != nil { status.messagesInMemory = counts.queuedMessages }
        status.oldestReceivedAt = machine.oldestReceivedAt
        status.lastReceivedAt = counts.newestReceivedAt
        status.unjournalledMessages = counts.queuedMessages
        status.unjournalledBytes = counts.queuedBytes
        status.fileBytes = store.sizes.total
        status.maxBytes = store.configuration.maxBytes
        status.deadLetters = store.census.letters
        status.unwrittenDeadLetters = machine.letters.count + machine.holes.count
        status.refusal = machine.refusal
        status.refusedSince = since
        return status
    }
}

extension PendingLetter {
    fileprivate var isAnswer: Bool { if case .answered = self { true } else { false } }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
