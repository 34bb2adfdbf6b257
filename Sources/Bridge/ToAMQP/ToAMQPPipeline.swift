import Settings
import Spool
import Synchronization

/// What stands between the journal and the broker: translation, loops and duplicates, in the journal's
/// order. It runs on the journal's thread, which calls it with whatever is due.
final class ToAMQPPipeline: JournalSink {
    private let translator: ToAMQPTranslator
    private let journal: Journal
    private let metrics: DirectionMetrics
    private let rejections: RejectionLog
    private let duplicates: Mutex<DuplicateWindow>
    private let clock: any Clocks
    private let publish: @Sendable (TranslatedBatch) -> Void
    private let retryToFedmsg: @Sendable ([DeadLetter]) -> Void

    init(
        translator: ToAMQPTranslator,
        journal: Journal,
        metrics: DirectionMetrics,
        rejections: RejectionLog,
        clock: any Clocks,
        publish: @escaping @Sendable (TranslatedBatch) -> Void,
        retryToFedmsg: @escaping @Sendable ([DeadLetter]) -> Void
    ) {
        self.translator = translator
        self.journal = journal
        self.metrics = metrics
        self.rejections = rejections
        duplicates = Mutex(journal.duplicates)
        self.clock = clock
        self.publish = publish
        self.retryToFedmsg = retryToFedmsg
    }

    func deliver(_ batches: [JournalledBatch]) {
        for batch in batches { publish(translate(batch)) }
    }

    func retry(_ letters: [DeadLetter]) {
        retryToFedmsg(letters)
    }

    private func translate(_ batch: JournalledBatch) -> TranslatedBatch {
        var translated = TranslatedBatch(messages: [], through: batch.position(at: batch.batch.count - 1))
        translated.messages.reserveCapacity(batch.batch.count)
        var passed: [DuplicateWindow.Entry] = []
        for index in 0..<batch.batch.count {
            let received = batch.batch[index]
            let position = batch.position(at: index)
            let receivedAt = batch.batch.receivedAt
            do throws(Rejection) {
                switch try translator.translate(received, receivedAt: receivedAt) {
                case .drop(let reason): metrics.dropped(reason)
                case .forward(let translation):
                    if let entry = translation.identity.map({ DuplicateWindow.Entry(digest: $0, receivedAt: receivedAt) }) {
                        guard isFirst(entry, origin: batch.origin) else {
                            metrics.dropped(.duplicate)
                            continue
                        }
                        if batch.origin == .live { passed.append(entry) }
                    }
                    let message = BrokerMessage(message: translation.message, received: received, receivedAt: receivedAt)
                    translated.messages.append((position, message))
                }
            } catch {
                reject(received, error, at: position, receivedAt: receivedAt)
            }
        }
        journal.remember(passed)
        return translated
    }

    /// What is read again from the spool, and what an operator tries again, was judged before.
    private func isFirst(_ entry: DuplicateWindow.Entry, origin: JournalledBatch.Origin) -> Bool {
        guard origin == .live else { return true }
        return duplicates.withLock { window in
            guard !window.contains(entry.digest, at: entry.receivedAt) else { return false }
            window.insert(entry.digest, at: entry.receivedAt)
            return true
        }
    }

    private func reject(
        _ received: ReceivedMessage,
        _ rejection: Rejection,
        at position: JournalPosition,
        receivedAt: Int64
    ) {
        let letter = DeadLetter(rejection, received: received, receivedAt: receivedAt, rejectedAt: clock.now)
        metrics.rejected(rejection.reason)
        rejections.note(letter, rejection)
        journal.reject(at: position, letter)
    }
}
