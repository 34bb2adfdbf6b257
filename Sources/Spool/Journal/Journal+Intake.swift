import NIOCore

// What other threads give the journal.
extension Journal {
    /// Takes messages, to be journalled and then handed over.
    ///
    /// - Returns: False where there is no memory left for them: they are dropped, and the observer was told.
    @discardableResult
    public nonisolated func append(_ batch: ReceivedBatch) -> Bool {
        guard !batch.isEmpty else { return true }
        switch inbox.add(batch) {
        case .wake: wake()
        case .done: break
        case .refused:
            observer.journal(.dropped(messages: batch.count))
            return false
        }
        return true
    }

    /// Messages may come from now on, or none any more: until when they could is there for the next start to see, to a minute or
    /// so also after a kill.
    public nonisolated func setListening(_ isListening: Bool) {
        eventLoop.execute {
            self.assumeIsolated { journal in
                guard !journal.isClosed else { return }
                journal.noteTime()
                journal.isListening = isListening
            }
        }
    }

    /// Called every second.
    func noteListening() {
        if isListening, .now - notedAt >= .seconds(60) { noteTime() }
    }

    private func noteTime() {
        onDisk { $0.noteTime() }
        notedAt = .now
    }

    /// Every message up to `position` is done with: confirmed, dropped on purpose, or reported by ``reject(at:_:)``.
    public nonisolated func settle(through position: JournalPosition) {
        report(.settled(position))
    }

    /// The message at `position` is rejected. Its dead letter is kept together with its settlement, once all before it
    /// are settled.
    public nonisolated func reject(at position: JournalPosition, _ letter: DeadLetter) {
        report(.rejected(position, letter))
    }

    /// Messages passed every check: remembered on disk too, not later than their settlement if that is reported later.
    public nonisolated func remember(_ entries: [DuplicateWindow.Entry]) {
        if !entries.isEmpty { report(.passed(entries)) }
    }

    /// Keeps the dead letter of a message that is not the journal's.
    ///
    /// - Parameter kept: Called on the journal's thread once the letter is on disk, however long that takes.
    public nonisolated func keep(_ letter: DeadLetter, kept: @escaping @Sendable () -> Void) {
        report(.keep(letter, kept: kept))
    }

    /// A dead letter that ``JournalSink/retry(_:)`` gave was sent, or dropped on purpose: it goes.
    public nonisolated func settleRetry(of id: Int64) {
        report(.retrySettled(id))
    }

    /// A dead letter that ``JournalSink/retry(_:)`` gave was rejected once more, for the reason in `letter`: it stays.
    public nonisolated func rejectRetry(of id: Int64, _ letter: DeadLetter) {
        report(.retryRejected(id, letter))
    }

    private nonisolated func report(_ report: JournalInbox.Report) {
        if case .wake = inbox.add(report) { wake() }
    }

    nonisolated func wake() {
        eventLoop.execute { self.assumeIsolated { $0.turn() } }
    }

    /// Gives the machine everything that was left in the inbox.
    func takeInbox() {
        let contents = inbox.take()
        for batch in contents.batches { machine.accept(batch) }
        for report in contents.reports { apply(report) }
    }

    private func apply(_ report: JournalInbox.Report) {
        switch report {
        case .settled(let position): machine.settle(through: position)
        case .rejected(let position, let letter): machine.reject(at: position, letter)
        case .passed(let entries): machine.remember(entries)
        case .keep(let letter, let kept):
            lastTicket += 1
            waiting[lastTicket] = kept
            machine.change(.kept(letter, ticket: lastTicket))
        case .retrySettled(let id):
            if orphaned.remove(id) == nil { machine.change(.answered(id: id, nil)) }
        case .retryRejected(let id, let letter):
            // A letter of a database that was replaced is none of the new one's.
            machine.change(orphaned.remove(id) == nil ? .answered(id: id, letter) : .kept(letter, ticket: nil))
        }
    }
}
