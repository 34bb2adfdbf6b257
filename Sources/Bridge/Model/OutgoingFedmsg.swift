import NIOCore
import Spool

/// A fedmsg on its way to the bus, with what has to be remembered about its delivery.
///
/// An object, as it passes from one executor to the other and back: a copy of its parts would count each time.
final class OutgoingFedmsg: Sendable {
    /// The topic frame.
    let topic: String
    /// The envelope's `msg_id`.
    let messageID: String
    /// The envelope.
    let payload: ByteBuffer
    /// What it came as.
    let origin: Origin
    /// When it was received, in microseconds since 1970.
    let receivedAt: Int64
    /// What it is known by if it is delivered again.
    let identity: MessageDigest

    init(
        topic: String,
        messageID: String,
        payload: ByteBuffer,
        origin: Origin,
        receivedAt: Int64,
        identity: MessageDigest
    ) {
        self.topic = topic
        self.messageID = messageID
        self.payload = payload
        self.origin = origin
        self.receivedAt = receivedAt
        self.identity = identity
    }
}

extension OutgoingFedmsg {
    /// Where the message is remembered until libzmq has it.
    enum Origin: Hashable, Sendable {
        case delivery(DeliveryReference)
        /// A dead letter that an operator tries again, by its id.
        case deadLetter(Int64)

        /// The run of the consumer that brought it.
        var epoch: UInt64? {
            if case .delivery(let reference) = self { reference.epoch } else { nil }
        }
    }
}

/// Which delivery a message came as: tags count anew on each channel.
struct DeliveryReference: Hashable, Sendable {
    var epoch: UInt64
    var tag: UInt64
}
