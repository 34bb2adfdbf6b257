import AMQP
import Spool

/// A message for the broker, with what it was made of: a refusal keeps that as a dead letter.
struct BrokerMessage: Sendable {
    var message: AMQPMessage
    var received: ReceivedMessage
    /// Microseconds since 1970.
    var receivedAt: Int64
}

/// What became of one batch of the journal.
struct TranslatedBatch: Sendable {
    /// Those that go to the broker, in order.
    var messages: [(JournalPosition, BrokerMessage)]
    /// The last position of the batch, whatever became of it.
    var through: JournalPosition
}
