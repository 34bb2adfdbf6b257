import Bridge
import Fedmsg
import NIOCore

/// A captured message, translated.
struct ReplayMessage {
    enum Content {
        case amqp(BridgedFedmsg)
        /// The envelope without its counter where that is still to be given.
        indirect case fedmsg(OutgoingEnvelope, body: ByteBuffer, needsCounter: Bool)
    }

    /// Seconds since 1970, where the capture has a time.
    var timestamp: Int64?
    var content: Content

    var topic: String {
        switch content {
        case .amqp(let fedmsg): fedmsg.routingKey
        case .fedmsg(let envelope, _, _): envelope.topic
        }
    }
}
