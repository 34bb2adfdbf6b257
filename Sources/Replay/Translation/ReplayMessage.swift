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

    var topic: String
    /// Seconds since 1970, where the capture has a time.
    var timestamp: Int64?
    var content: Content
}
