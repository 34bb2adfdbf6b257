@testable import Spool

/// A sink that records messages and letters, and settles nothing by itself.
struct RecordingSink: JournalSink {
    struct Delivery: Sendable, Equatable {
        let position: JournalPosition
        let text: String
        let origin: JournalledBatch.Origin
    }

    let deliveries = Recorder<Delivery>()
    let letters = Recorder<DeadLetter>()

    func deliver(_ batches: [JournalledBatch]) {
        deliveries.add(
            batches.flatMap { batch in
                batch.batch.texts.enumerated().map { index, frames in
                    Delivery(position: batch.position(at: index), text: frames.last ?? "", origin: batch.origin)
                }
            }
        )
    }

    var takesRetries: Bool { true }

    func retry(_ letters: [DeadLetter]) {
        self.letters.add(letters)
    }

    /// Waits for `count` messages in all.
    @discardableResult
    func wait(for count: Int) async -> [Delivery] {
        await deliveries.wait { $0.count >= count }
    }
}

/// An observer that records.
struct RecordingObserver: JournalObserver {
    let events = Recorder<JournalEvent>()

    func journal(_ event: JournalEvent) {
        events.add([event])
    }
}
