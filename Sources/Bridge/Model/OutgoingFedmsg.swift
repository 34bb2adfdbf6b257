import NIOCore
import Spool

/// A fedmsg on its way to the bus, with what has to be remembered about its delivery.
struct OutgoingFedmsg: Sendable {
    /// The topic frame.
    var topic: String
    /// The envelope's `msg_id`.
    var messageID: String
    /// The envelope.
    var payload: ByteBuffer
    /// What it came as.
    var origin: Origin
    /// When it was received, in microseconds since 1970.
    var receivedAt: Int64
    /// What it is known by if it is delivered again.
    var identity: MessageDigest
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
