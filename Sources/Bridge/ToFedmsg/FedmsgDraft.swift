import Fedmsg
import NIOCore
import Spool

/// What an envelope is made of.
struct FedmsgDraft: Sendable {
    var envelope: OutgoingEnvelope
    var body: ByteBuffer
    var origin: OutgoingFedmsg.Origin
    /// When it was received, in microseconds since 1970.
    var receivedAt: Int64
    var identity: MessageDigest
}
