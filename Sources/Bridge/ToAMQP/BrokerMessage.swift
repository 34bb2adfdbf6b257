import AMQP
import Spool

/// A message for the broker, with what it was made of: a refusal keeps that as a dead letter.
///
/// An object, as it passes through many hands: a copy of its parts would count a dozen references each time.
final class BrokerMessage: Sendable {
    let message: AMQPMessage
    let received: ReceivedMessage
    /// Microseconds since 1970.
    let receivedAt: Int64

    init(message: AMQPMessage, received: ReceivedMessage, receivedAt: Int64) {
        self.message = message
        self.received = received
        self.receivedAt = receivedAt
    }
}

/// What became of one batch of the journal.
struct TranslatedBatch: Sendable {
    /// Those that go to the broker, in order.
    var messages: [(JournalPosition, BrokerMessage)]
    /// The last position of the batch, whatever became of it.
    var through: JournalPosition
}
