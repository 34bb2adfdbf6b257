import NIOCore
import Spool

/// What became of one batch of the journal.
///
/// An object, which keeps what its messages were made of, and their heads, until the broker has the last of them.
final class TranslatedBatch: Sendable {
    /// A message that goes to the broker.
    struct Entry: Sendable {
        /// Its place in the batch.
        var index: Int
        /// Which of `heads` its head is in.
        var share: Int
        var message: EncodedMessage
    }

    let source: JournalledBatch
    /// Of each share, as each is encoded by itself.
    let heads: [ByteBuffer]
    /// In order.
    let entries: [Entry]

    init(_ source: JournalledBatch, heads: [ByteBuffer], entries: [Entry]) {
        self.source = source
        self.heads = heads
        self.entries = entries
    }

    /// The last position of the batch, whatever became of it.
    var through: JournalPosition { source.position(at: source.batch.count - 1) }

    /// Those that go to the broker, in order, with their positions.
    var messages: some Sequence<(JournalPosition, BrokerMessage)> {
        entries.indices.lazy.map { place in
            (self.source.position(at: self.entries[place].index), BrokerMessage(batch: self, place: place))
        }
    }
}
