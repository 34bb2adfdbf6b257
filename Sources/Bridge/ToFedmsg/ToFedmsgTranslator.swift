import AMQP
import Fedmsg
import FedoraMessaging
import NIOCore
import Settings
import Spool

/// Makes a fedmsg of a fedora-messaging message: the body's bytes, spliced into an envelope with keys
/// in fedmsg's order.
struct ToFedmsgTranslator: Sendable {
    /// What an AMQP message is, as far as the translation goes.
    struct Source {
        var routingKey: String
        /// Whether the routing key is not UTF-8, and its faults were replaced.
        var hasInvalidRoutingKey = false
        var properties: AMQPBasicProperties
        var body: ByteBuffer
    }

    /// What becomes of a message that can be bridged.
    enum Outcome {
        case forward(Translation)
        case drop(DropReason)
    }

    /// An envelope without its counter, which is given in the order of sending, and its body.
    struct Translation: Sendable {
        var envelope: OutgoingEnvelope
        var topic: String
        var body: ByteBuffer
        /// What it is known by if it comes again.
        var identity: MessageDigest
    }

    /// Properties without which a message can't be judged; others may be broken.
    private static let needed: Set<String> = ["properties", "headers", "message-id", "content-encoding", "timestamp"]

    private let username: String

    init(configuration: BridgeConfiguration) {
        username = configuration.toFedmsg.username
    }

    /// - Parameter receivedAt: microseconds since 1970; `timestamp` where the message has no time.
    /// - Throws: why the message can't be bridged.
    func translate(_ source: Source, receivedAt: Int64) throws(Rejection) -> Outcome {
        let headers = try headers(of: source.properties)
        guard !Self.cameFromFedmsg(headers) else { return .drop(.looped) }
        guard let id = source.properties.messageID, !id.isEmpty else {
            throw Rejection(.noID, "the message has no message_id")
        }
        let topic = source.routingKey
        guard !topic.isEmpty else { throw Rejection(.badTopic, "the routing key is empty") }
        guard !source.hasInvalidRoutingKey else { throw Rejection(.badTopic, "the routing key is not UTF-8") }
        let body = try utf8(source.body, encoding: source.properties.contentEncoding)
        do throws(EnvelopeError) {
            try MessageBody.check(body.readableBytesSpan)
        } catch {
            throw Rejection(error)
        }
        let seconds = Self.seconds(headers, source.properties) ?? receivedAt / 1_000_000
        let messageID = MessageIdentity.hasYear(id.utf8Span.span.bytes) ? id : Self.year(seconds) + "-" + id
        let envelope = OutgoingEnvelope(
            i: nil,
            messageID: messageID,
            timestamp: .seconds(seconds),
            topic: topic,
            username: username
        )
        let digest = MessageIdentity.digest(
            id: id.utf8Span.span.bytes,
            topic: topic.utf8Span.span.bytes,
            body: body.readableBytesSpan
        )
        let identity = MessageDigest(high: digest.high, low: digest.low)
        return .forward(Translation(envelope: envelope, topic: topic, body: body, identity: identity))
    }

    private func headers(of properties: AMQPBasicProperties) throws(Rejection) -> AMQPTable {
        let malformed = properties.malformed.map(\.name).filter(Self.needed.contains)
        guard malformed.isEmpty else {
            throw Rejection(.badHeaders, "can't be read: \(malformed.joined(separator: ", "))")
        }
        do throws(AMQPCodingError) {
            return try properties.headers?.table() ?? AMQPTable()
        } catch {
            throw Rejection(.badHeaders, "\(error)")
        }
    }

    /// Whether a bridge took it over from fedmsg.
    private static func cameFromFedmsg(_ headers: AMQPTable) -> Bool {
        guard case .table(let table) = headers[BridgeHeader.name] else { return false }
        return table[BridgeHeader.origin]?.text == BridgeHeader.originFedmsg
    }

    /// `sent-at`, else the `timestamp` property, where they are times of the years 1 to 9999.
    private static func seconds(_ headers: AMQPTable, _ properties: AMQPBasicProperties) -> Int64? {
        if let seconds = headers[NativeHeaders.sentAt]?.text.flatMap({ SentAt.seconds($0) }) { return seconds }
        guard let seconds = properties.timestamp.flatMap(Int64.init(exactly:)), SentAt.range.contains(seconds) else {
            return nil
        }
        return seconds
    }

    private static func year(_ seconds: Int64) -> String {
        // `SentAt` begins with it.
        String(SentAt.text(seconds)?.prefix(4) ?? "1970")
    }

    /// The body in UTF-8. What is not, is found by the check of its JSON.
    private func utf8(_ body: ByteBuffer, encoding name: String?) throws(Rejection) -> ByteBuffer {
        guard let name else { return body }
        switch ContentEncoding(name) {
        case .utf8: return body
        case .ascii:
            guard body.readableBytesView.allSatisfy({ $0 < 0x80 }) else {
                throw Rejection(.badEncoding, "content_encoding is \(name), but a byte is over 127")
            }
            return body
        case .latin1:
            var text = ByteBuffer()
            text.reserveCapacity(body.readableBytes)
            for byte in body.readableBytesView {
                if byte < 0x80 {
                    text.writeInteger(byte)
                } else {
                    text.writeInteger(UInt8(0xC0 | byte >> 6))
                    text.writeInteger(UInt8(0x80 | byte & 0x3F))
                }
            }
            return text
        case nil: throw Rejection(.badEncoding, "content_encoding is \(name), expected utf-8, us-ascii or latin-1")
        }
    }
}

extension AMQPFieldValue {
    /// Its text, where it is one.
    var text: String? {
        guard case .longString(let text) = self else { return nil }
        return String(text)
    }
}
