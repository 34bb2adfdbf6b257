import NIOCore
import Spool

/// A fedmsg on its way to the bus, with what has to be remembered about its delivery.
struct OutgoingFedmsg: Sendable {
    /// The topic frame.
    var topic: String
    /// The envelope.
    var payload: ByteBuffer
    /// The delivery that it came as.
    var delivery: DeliveryReference
    /// When it was received, in microseconds since 1970.
    var receivedAt: Int64
    /// What it is known by if it is delivered again.
    var identity: MessageDigest
}

/// Which delivery a message came as: tags count anew on each channel.
struct DeliveryReference: Hashable, Sendable {
    var epoch: UInt64
    var tag: UInt64
}
