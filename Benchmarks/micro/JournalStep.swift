import Foundation
import NIOCore
import Spool
import Synchronization

/// A journal that is synced as the bridge's is, and a sink that settles all that it is given.
final class JournalStep: JournalSink, JournalObserver {
    private let journal: Journal
    private let settled = DispatchSemaphore(value: 0)

    init(folder: String) async throws {
        journal = try await Journal.open(JournalConfiguration(path: folder + "/spool.sqlite"), observer: Silent())
        await journal.start(sink: self)
    }

    /// Waits until it is open; nil where it can't be.
    static func opened(folder: String) -> JournalStep? {
        let journal = Found()
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            let opened = try? await JournalStep(folder: folder)
            journal.value.withLock { $0 = opened }
            done.signal()
        }
        done.wait()
        return journal.value.withLock { $0 }
    }

    /// Waits until the messages were journalled, handed over and settled.
    func journal(_ messages: ArraySlice<(ByteBuffer, ByteBuffer)>) {
        var batch = ReceivedBatch()
        for (topic, envelope) in messages {
            topic.withUnsafeReadableBytes { topic in
                envelope.withUnsafeReadableBytes { _ = batch.append(topic: topic, payload: $0) }
            }
        }
        journal.append(batch)
        settled.wait()
    }

    func deliver(_ batches: [JournalledBatch]) {
        for batch in batches {
            journal.settle(through: batch.position(at: batch.batch.count - 1))
            settled.signal()
        }
    }

    var takesRetries: Bool { true }
    func retry(_ letters: [DeadLetter]) {}
    func journal(_ event: JournalEvent) {}
}

private final class Found: Sendable {
    let value = Mutex<JournalStep?>(nil)
}

struct Silent: JournalObserver {
    func journal(_ event: JournalEvent) {}
}
