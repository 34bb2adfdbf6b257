package import AMQP
package import Fedmsg
import FedoraMessaging
package import NIOCore

/// A fedmsg as fedora-messaging gets it, its headers still to be encoded, its texts still to be decoded.
///
/// An object: a copy of its parts would count each of them.
package final class BridgedFedmsg: Sendable {
    private static let contentType = "application/json"
    private static let contentEncoding = "utf-8"
    private static let persistent: UInt8 = 2

    package let exchange: String
    package let mandatory: Bool
    package let priority: UInt8?
    /// The envelope, in which the ranges below are.
    package let payload: ByteBuffer
    package let key: EnvelopeText
    package let id: EnvelopeText
    /// Whether the envelope had the id; else it was made of its bytes.
    package let hasOwnID: Bool
    /// The envelope's time in seconds since 1970, where it has one.
    package let timestamp: Int64?
    /// Seconds since 1970.
    let sentAt: Int64?
    /// The envelope's.
    let headers: [EnvelopeHeader]
    let username: EnvelopeText?
    let counter: Int64?
    /// Where the body is: the envelope's `msg`, or all of it.
    package let bodyRange: Range<Int>
    /// JSON as it stands in the envelope.
    let timestampRange: Range<Int>?
    /// JSON as it stands in the envelope.
    let headersRange: Range<Int>?

    init(
        exchange: String,
        mandatory: Bool,
        priority: UInt8?,
        payload: ByteBuffer,
        key: EnvelopeText,
        id: EnvelopeText,
        hasOwnID: Bool,
        timestamp: Int64?,
        sentAt: Int64?,
        headers: [EnvelopeHeader],
        username: EnvelopeText?,
        counter: Int64?,
        bodyRange: Range<Int>,
        timestampRange: Range<Int>?,
        headersRange: Range<Int>?
    ) {
        self.exchange = exchange
        self.mandatory = mandatory
        self.priority = priority
        self.payload = payload
        self.key = key
        self.id = id
        self.hasOwnID = hasOwnID
        self.timestamp = timestamp
        self.sentAt = sentAt
        self.headers = headers
        self.username = username
        self.counter = counter
        self.bodyRange = bodyRange
        self.timestampRange = timestampRange
        self.headersRange = headersRange
    }

    package var routingKey: String { text(key) }

    package var messageID: String { text(id) }

    package var body: ByteBuffer {
        var body = payload
        body.moveWriterIndex(to: payload.readerIndex + bodyRange.upperBound)
        body.moveReaderIndex(forwardBy: bodyRange.lowerBound)
        return body
    }

    /// The message for the broker.
    package var message: AMQPMessage {
        let payload = payload
        let bytes = payload.readableBytesSpan
        var writer = HeaderTableWriter(capacity: 320)
        writeHeaders(to: &writer, bytes)
        return AMQPMessage(
            exchange: exchange,
            routingKey: key.string(in: bytes),
            properties: AMQPBasicProperties(
                contentType: Self.contentType,
                contentEncoding: Self.contentEncoding,
                headers: AMQPHeaders(encoded: writer.bytes),
                deliveryMode: Self.persistent,
                priority: priority,
                messageID: id.string(in: bytes)
            ),
            body: body,
            mandatory: mandatory
        )
    }

    /// Bytes of what of the envelope is in the routing key, the id and the headers, as each has it.
    package var textByteCount: Int {
        // The envelope's headers are there twice: as they are, and as text.
        let headers = 2 * (headersRange?.count ?? 0)
        return key.byteCount + id.byteCount + (username?.byteCount ?? 0) + (timestampRange?.count ?? 0) + headers
    }

    private func text(_ text: EnvelopeText) -> String {
        let payload = payload
        return text.string(in: payload.readableBytesSpan)
    }

    /// Writes the headers as members of a JSON object.
    ///
    /// - Parameter bytes: the payload's, here and below.
    package func writeHeaders(to output: inout OutputRawSpan, _ bytes: RawSpan) {
        write(to: &output, bytes)
    }

    private func writeHeaders(to table: inout HeaderTableWriter, _ bytes: RawSpan) {
        write(to: &table, bytes)
    }

    /// Writes the headers: the library's own, the envelope's, and a table of what of the envelope has no other place.
    @inline(__always)
    private func write<Writer: HeaderWriter & ~Copyable & ~Escapable>(to writer: inout Writer, _ bytes: RawSpan) {
        writer.native(sentAt: sentAt, priority: priority ?? 0)
        for header in headers { writer.write(header) }
        writer.table(BridgeHeader.Key.name) { table in
            table.text(BridgeHeader.Key.origin, BridgeHeader.originFedmsg)
            username?.withUTF8(in: bytes) { table.text(BridgeHeader.Key.username, utf8: $0) }
            if let counter { table.int64(BridgeHeader.Key.counter, counter) }
            if let timestampRange { table.text(BridgeHeader.Key.timestamp, utf8: bytes.extracting(timestampRange)) }
            if let headersRange { table.text(BridgeHeader.Key.headers, utf8: bytes.extracting(headersRange)) }
        }
    }
}

extension HeaderWriter where Self: ~Copyable, Self: ~Escapable {
    /// A header of the envelope's own, unless its name is one that the bridge gives.
    fileprivate mutating func write(_ header: EnvelopeHeader) {
        guard header.name != BridgeHeader.name, !NativeHeaders.names.contains(header.name) else { return }
        switch header.value {
        case .text(let text): self.text(named: header.name, text)
        case .bool(let bool): self.bool(named: header.name, bool)
        case .integer(let integer): self.int64(named: header.name, integer)
        case .other: break
        }
    }
}
