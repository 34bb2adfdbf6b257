import AMQP
import Spool

/// A message for the broker, with what it was made of: a refusal keeps that as a dead letter.
///
/// A place in its batch, as it passes through many hands: a copy of its parts would count each of them.
struct BrokerMessage: Sendable {
    let batch: TranslatedBatch
    let place: Int

    var received: ReceivedMessage { batch.source.batch[batch.entries[place].index] }

    /// Microseconds since 1970.
    var receivedAt: Int64 { batch.source.batch.receivedAt }

    /// Why it can't be sent as the configuration has it now.
    var rejection: Rejection? { batch.entries[place].rejection }

    var encoded: EncodedPublish {
        let entry = batch.entries[place]
        var body = received.payload
        body.narrow(to: entry.message.body)
        return EncodedPublish(entry.message.head, in: batch.heads[entry.share], body: body)
    }
}
