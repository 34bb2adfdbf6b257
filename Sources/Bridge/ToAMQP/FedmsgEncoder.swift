package import AMQP
import Fedmsg
package import NIOCore

/// Encodes what stands before the bodies of messages, one behind the other, on one thread.
package struct FedmsgEncoder {
    /// Bytes that method and header have, seldom more.
    private static let usualSize = 512

    /// Of all of them.
    package private(set) var heads = ByteBuffer()

    /// - Parameter count: of messages that are likely to come.
    package init(reservingCapacity count: Int) {
        heads.reserveCapacity(count * Self.usualSize)
    }

    /// - Throws: `bad_headers` where the message can't be sent.
    package mutating func encode(
        _ fedmsg: BridgedFedmsg,
        as template: Result<PublishTemplate, AMQPError>
    ) throws(Rejection) -> EncodedMessage {
        let payload = fedmsg.payload
        let bytes = payload.readableBytesSpan
        do throws(AMQPError) {
            let template = try template.get()
            let head = try fedmsg.key.withUTF8(in: bytes) { key throws(AMQPError) in
                try fedmsg.id.withUTF8(in: bytes) { id throws(AMQPError) in
                    try template.write(
                        routingKey: key,
                        messageID: id,
                        headersCapacity: fedmsg.headerTableCapacity,
                        to: &heads
                    ) { fedmsg.writeHeaderTable(to: &$0, bytes) }
                }
            }
            return EncodedMessage(head: head, body: fedmsg.bodyRange)
        } catch {
            throw Rejection(.badHeaders, "\(error)")
        }
    }
}

/// What of a message is encoded ahead, and where the rest is.
package struct EncodedMessage: Sendable {
    var head: EncodedPublish.Head
    /// Where the body is in the payload.
    var body: Range<Int>
}
