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
        /// Why it can't be sent as the configuration has it now.
        var rejection: Rejection?
    }

    let source: JournalledBatch
    /// Where its messages go.
    let exchange: String
    /// Of each share, as each is encoded by itself.
    let heads: [ByteBuffer]
    /// In order.
    let entries: [Entry]

    init(_ source: JournalledBatch, to exchange: String, heads: [ByteBuffer], entries: [Entry]) {
        self.source = source
        self.exchange = exchange
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

    /// The same messages as another configuration has them, or why it can't have them.
    func translated(by translator: ToAMQPTranslator) -> TranslatedBatch {
        var encoder = FedmsgEncoder(reservingCapacity: entries.count)
        let entries = entries.map { entry in
            let received = source.batch[entry.index]
            do throws(Rejection) {
                let fedmsg = try translator.translate(
                    topic: received.topic,
                    envelope: received.payload,
                    receivedAt: source.batch.receivedAt
                )
                let message = try encoder.encode(fedmsg, as: translator.template)
                return Entry(index: entry.index, share: heads.count, message: message)
            } catch {
                var entry = entry
                entry.rejection = error
                return entry
            }
        }
        return TranslatedBatch(source, to: translator.exchange, heads: heads + [encoder.heads], entries: entries)
    }
}
