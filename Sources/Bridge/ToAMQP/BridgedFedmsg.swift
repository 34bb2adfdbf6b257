package import AMQP
import Fedmsg
package import FedoraMessaging
package import NIOCore

/// A fedmsg as fedora-messaging gets it, its headers still to be encoded.
///
/// An object: a copy of its parts would count each of them.
package final class BridgedFedmsg: Sendable {
    private static let contentType = "application/json"
    private static let contentEncoding = "utf-8"
    private static let persistent: UInt8 = 2

    package let exchange: String
    package let routingKey: String
    package let mandatory: Bool
    package let priority: UInt8?
    package let messageID: String
    /// Whether the envelope had the id; else it was made of its bytes.
    package let hasOwnID: Bool
    /// The envelope's time in seconds since 1970, where it has one.
    package let timestamp: Int64?
    /// Seconds since 1970.
    let sentAt: Int64?
    /// The envelope's.
    let headers: [EnvelopeHeader]
    let username: String?
    let counter: Int64?
    package let body: ByteBuffer
    /// JSON as it stands in the envelope.
    let timestampText: ByteBuffer?
    /// JSON as it stands in the envelope.
    let headersText: ByteBuffer?

    init(
        exchange: String,
        routingKey: String,
        mandatory: Bool,
        priority: UInt8?,
        messageID: String,
        hasOwnID: Bool,
        timestamp: Int64?,
        sentAt: Int64?,
        headers: [EnvelopeHeader],
        username: String?,
        counter: Int64?,
        body: ByteBuffer,
        timestampText: ByteBuffer?,
        headersText: ByteBuffer?
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.priority = priority
        self.messageID = messageID
        self.hasOwnID = hasOwnID
        self.timestamp = timestamp
        self.sentAt = sentAt
        self.headers = headers
        self.username = username
        self.counter = counter
        self.body = body
        self.timestampText = timestampText
        self.headersText = headersText
    }

    /// The message for the broker.
    package var message: AMQPMessage {
        var properties = AMQPBasicProperties()
        properties.contentType = Self.contentType
        properties.contentEncoding = Self.contentEncoding
        properties.deliveryMode = Self.persistent
        properties.priority = priority
        properties.messageID = messageID
        var writer = HeaderTableWriter(capacity: 320)
        writeHeaders(to: &writer)
        properties.headers = AMQPHeaders(encoded: writer.bytes)
        return AMQPMessage(
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            body: body,
            mandatory: mandatory
        )
    }

    /// Writes the headers: the library's own, the envelope's, and a table of what of the envelope has no other place.
    package func writeHeaders(to writer: inout some HeaderWriter) {
        writer.native(sentAt: sentAt, priority: priority ?? 0)
        for header in headers { writer.write(header) }
        writer.table(BridgeHeader.name) { table in
            table.text(BridgeHeader.origin, BridgeHeader.originFedmsg)
            if let username { table.text(BridgeHeader.username, username) }
            if let counter { table.int64(BridgeHeader.counter, counter) }
            if let timestampText { table.text(BridgeHeader.timestamp, utf8: timestampText.readableBytesSpan) }
            if let headersText { table.text(BridgeHeader.headers, utf8: headersText.readableBytesSpan) }
        }
    }
}

extension HeaderWriter {
    /// A header of the envelope's own, unless its name is one that the bridge gives.
    fileprivate mutating func write(_ header: EnvelopeHeader) {
        guard header.name != BridgeHeader.name, !NativeHeaders.names.contains(header.name) else { return }
        switch header.value {
        case .text(let text): self.text(header.name, text)
        case .bool(let bool): self.bool(header.name, bool)
        case .integer(let integer): int64(header.name, integer)
        case .other: break
        }
    }
}
