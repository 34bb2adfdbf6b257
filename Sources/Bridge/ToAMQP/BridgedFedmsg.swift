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
        body.narrow(to: bodyRange)
        return body
    }

    /// The message for the broker.
    package var message: AMQPMessage {
        let payload = payload
        let bytes = payload.readableBytesSpan
        var headers = ByteBuffer()
        headers.writeWithOutputRawSpan(minimumWritableBytes: headerTableCapacity) { writeHeaderTable(to: &$0, bytes) }
        var properties = Self.properties(priority: priority)
        properties.headers = AMQPHeaders(encoded: headers)
        properties.messageID = id.string(in: bytes)
        return AMQPMessage(
            exchange: exchange,
            routingKey: key.string(in: bytes),
            properties: properties,
            body: body,
            mandatory: mandatory
        )
    }

    /// The properties that all fedmsgs have alike.
    static func properties(priority: UInt8?) -> AMQPBasicProperties {
        AMQPBasicProperties(
            contentType: contentType,
            contentEncoding: contentEncoding,
            deliveryMode: .persistent,
            priority: priority
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

    /// Bytes that ``writeHeaderTable(to:_:)`` needs at most.
    var headerTableCapacity: Int {
        var capacity = HeaderTable.nativeSize
        for header in headers {
            capacity += HeaderTable.entrySize + header.name.utf8.count
            if case .text(let text) = header.value { capacity += text.utf8.count }
        }
        // The table of ours with its five entries, whose keys and the origin have fewer than 60 bytes.
        let texts = (username?.byteCount ?? 0) + (timestampRange?.count ?? 0) + (headersRange?.count ?? 0)
        return capacity + 6 * HeaderTable.entrySize + 60 + texts
    }

    /// Writes the headers as entries of an AMQP table.
    ///
    /// - Parameter bytes: the payload's, here and below.
    func writeHeaderTable(to output: inout OutputRawSpan, _ bytes: RawSpan) {
        write(as: HeaderTable.self, to: &output, bytes)
    }

    /// Writes the headers as members of a JSON object.
    package func writeHeaderObject(to output: inout OutputRawSpan, _ bytes: RawSpan) {
        write(as: HeaderObject.self, to: &output, bytes)
    }

    /// Writes the headers: the library's own, the envelope's, and a table of what of the envelope has no other place.
    @inline(__always)
    private func write<Format: HeaderFormat>(as _: Format.Type, to output: inout OutputRawSpan, _ bytes: RawSpan) {
        Format.native(sentAt: sentAt, priority: priority ?? 0, to: &output)
        for header in headers { Format.write(header, to: &output) }
        Format.table(BridgeHeader.Key.name, to: &output) { table in
            Format.text(BridgeHeader.Key.origin, utf8: BridgeHeader.originFedmsg.utf8Span.span.bytes, to: &table)
            username?.withUTF8(in: bytes) { Format.text(BridgeHeader.Key.username, utf8: $0, to: &table) }
            if let counter { Format.int64(BridgeHeader.Key.counter, counter, to: &table) }
            if let range = timestampRange {
                Format.text(BridgeHeader.Key.timestamp, utf8: bytes.extracting(range), to: &table)
            }
            if let range = headersRange {
                Format.text(BridgeHeader.Key.headers, utf8: bytes.extracting(range), to: &table)
            }
        }
    }
}

extension HeaderFormat {
    /// Writes a header of the envelope's own, unless its name is reserved.
    fileprivate static func write(_ header: EnvelopeHeader, to output: inout OutputRawSpan) {
        guard !BridgeHeader.reserved.contains(header.name) else { return }
        switch header.value {
        case .text(let text): self.text(named: header.name, text, to: &output)
        case .bool(let bool): self.bool(named: header.name, bool, to: &output)
        case .integer(let integer): int64(named: header.name, integer, to: &output)
        case .other: break
        }
    }
}
