import NIOCore

// Dead letters that a command in another process marked to be tried again.
extension Journal {
    private static let pollInterval = TimeAmount.seconds(1)

    /// Looks, every second, whether another process changed the database.
    func poll() {
        guard !isClosed else { return }
        inbox.noteTurn()
        noteListening()
        // Else the next transaction repairs what has to be.
        if repair == nil {
            lookForFile()
            do {
                let isChanged = try onDisk { store throws(StoreFailure) in
                    guard try store.wasChangedByOthers() else { return false }
                    try store.takeCensus()
                    return true
                }
                if isChanged || hasRetries { takeRetries() }
            } catch {
                failed(error)
            }
            publish()
        }
        _ = eventLoop.scheduleTask(in: Self.pollInterval) { self.assumeIsolated { $0.poll() } }
    }

    private func lookForFile() {
        let isGone = onDisk { !$0.isFileInPlace }
        if isGone, !isFileGone { observer.journal(.fileGone(messages: machine.counts.messages)) }
        isFileGone = isGone
    }

    /// Takes up what is to be tried again: to AMQP through the journal, behind what waits there; to fedmsg once they go out.
    func takeRetries() {
        hasRetries = true
        // A row written now would stand before those of the queue, which have their numbers already.
        guard machine.refusal == nil, machine.queue.isEmpty else { return }
        do {
            try onDisk { store throws(StoreFailure) in try takeRetriesToAMQP(from: store) }
            guard retrying.isEmpty, orphaned.isEmpty, let sink, sink.takesRetries else { return }
            let letters = try onDisk { store throws(StoreFailure) in try lettersToRetry(.toFedmsg, from: store) }
            hasRetries = false
            guard !letters.isEmpty else { return }
            retrying = Set(letters.map(\.id))
            observer.journal(.retried(direction: .toFedmsg, letters: letters.count))
            sink.retry(letters)
        } catch .refused(let refusal) where refusal.isForRoom {
            // The letters stay where they are until there is room for a row with them.
        } catch {
            failed(error)
        }
    }

    /// Some that are whole; those before them that are not are given up.
    private func lettersToRetry(
        _ direction: Direction,
        from store: JournalStore
    ) throws(StoreFailure) -> [DeadLetter] {
        while true {
            let letters = try store.lettersToRetry(direction)
            let damaged = letters.filter(\.isDamaged)
            guard !damaged.isEmpty else { return letters }
            try store.giveUp(damaged)
            for letter in damaged { observer.journal(.damagedLetter(id: letter.id)) }
        }
    }

    private func takeRetriesToAMQP(from store: JournalStore) throws(StoreFailure) {
        let row = machine.nextRow
        let letters = try lettersToRetry(.toAMQP, from: store)
        guard let batch = try store.retryToAMQP(letters, row: row, now: Self.now()) else { return }
        machine.wrote(row: row, batch)
        observer.journal(.retried(direction: .toAMQP, letters: batch.count))
        // The rest in a later turn, so that receipt is not held up.
        eventLoop.execute { self.assumeIsolated { $0.takeRetries() } }
        wake()
    }
}
