import Fedmsg
import NIOCore
import Spool

@testable import Bridge

extension FedmsgDraft {
    /// Drafts of one run of a consumer.
    static func numbered(_ numbers: Range<Int>, epoch: UInt64 = 1, body: String = "{}") -> [FedmsgDraft] {
        numbers.map { number in
            FedmsgDraft(
                envelope: OutgoingEnvelope(
                    i: Int64(number),
                    messageID: "2026-\(number)",
                    timestamp: .seconds(1),
                    topic: "a",
                    username: "amqp-bridge"
                ),
                body: ByteBuffer(string: body),
                origin: .delivery(DeliveryReference(epoch: epoch, tag: UInt64(number))),
                receivedAt: 0,
                identity: MessageDigest(high: 0, low: UInt64(number))
            )
        }
    }
}
