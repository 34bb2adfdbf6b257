import AMQP
import NIOCore
import Spool

// Dead letters that an operator tries again.
extension AMQPSide {
    /// Takes dead letters over, from any executor.
    nonisolated func retry(_ letters: [DeadLetter]) {
        eventLoop.execute { [weak self] in self?.assumeIsolated { $0.sendAgain(letters) } }
    }

    private func sendAgain(_ letters: [DeadLetter]) {
        let now = clock.now
        for letter in letters {
            let source = ToFedmsgTranslator.Source(
                routingKey: letter.topic,
                // As it was: in the letter what is not UTF-8 is replaced.
                hasInvalidRoutingKey: letter.reason == RejectReason.badTopic.rawValue
                    && letter.topic.unicodeScalars.contains("\u{FFFD}"),
                properties: AMQPBasicProperties(decoding: letter.properties),
                body: letter.frames.first ?? ByteBuffer()
            )
            do throws(Rejection) {
                switch try translator.translate(source, receivedAt: now) {
                case .drop(let reason):
                    noteDropped(reason, at: nil)
                    journal.settleRetry(of: letter.id)
                case .forward(let translation):
                    writer.write([draft(translation, .deadLetter(letter.id), receivedAt: now)])
                }
            } catch {
                noteRejected(error.reason, at: nil)
                var again = letter
                again.reason = error.reason.rawValue
                again.detail = error.detail
                again.rejectedAt = now
                journal.rejectRetry(of: letter.id, again)
            }
        }
    }
}
