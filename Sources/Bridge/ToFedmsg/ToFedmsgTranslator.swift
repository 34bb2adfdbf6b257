package import AMQP
package import Fedmsg
import FedoraMessaging
package import NIOCore
package import Settings
package import Spool

/// Makes a fedmsg of a fedora-messaging message: the body's bytes, spliced into an envelope with keys
/// in fedmsg's order.
package struct ToFedmsgTranslator: Sendable {
    /// What the translation is for.
    package enum Purpose: Sendable {
        case bridging
        /// Captured messages: loops are not judged, and what came from fedmsg gets what it had there.
        case replay
    }

    /// What an AMQP message is, as far as the translation goes.
    package struct Source {
        package var routingKey: String
        /// Whether the routing key is not UTF-8, and its faults were replaced.
        package var hasInvalidRoutingKey = false
        package var properties: AMQPBasicProperties
        package var body: ByteBuffer

        package init(
            routingKey: String,
            hasInvalidRoutingKey: Bool = false,
            properties: AMQPBasicProperties,
            body: ByteBuffer
        ) {
            self.routingKey = routingKey
            self.hasInvalidRoutingKey = hasInvalidRoutingKey
            self.properties = properties
            self.body = body
        }
    }

    /// What becomes of a message that can be bridged.
    package enum Outcome {
        case forward(Translation)
        case drop(DropReason)
    }

    /// An envelope without its counter, which is given in the order of sending, and its body.
    package struct Translation: Sendable {
        package var envelope: OutgoingEnvelope
        package var body: ByteBuffer
        /// What it is known by if it comes again.
        package var identity: MessageDigest
        /// Whether it came from fedmsg, and has its counter from there, if it had one.
        package var isRestored = false
        /// The message's time in seconds since 1970, where it has one.
        package var sentAt: Int64?
    }

    /// Properties without which a message can't be judged; others may be broken.
    private static let needed: Set<String> = ["properties", "headers", "message-id", "content-encoding", "timestamp"]

    /// Headers that are looked at.
    private static let looked = [BridgeHeader.name, NativeHeaders.sentAt]

    private let purpose: Purpose
    private let username: String

    package init(configuration: BridgeConfiguration, purpose: Purpose = .bridging) {
        self.purpose = purpose
        username = configuration.toFedmsg.username
    }

    /// - Parameter receivedAt: microseconds since 1970; `timestamp` where the message has no time.
    /// - Throws: why the message can't be bridged.
    package func translate(_ source: Source, receivedAt: Int64) throws(Rejection) -> Outcome {
        let headers = try headers(of: source.properties)
        let origin = Self.fedmsgOrigin(headers)
        guard purpose == .replay || origin == nil else { return .drop(.looped) }
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
        let sentAt = Self.seconds(headers, source.properties)
        let seconds = sentAt ?? receivedAt / 1_000_000
        let messageID = MessageIdentity.hasYear(id.utf8Span.span.bytes) ? id : Self.dated(id, seconds)
        var envelope = OutgoingEnvelope(
            i: nil,
            messageID: messageID,
            timestamp: .seconds(seconds),
            topic: topic,
            username: username
        )
        if let origin { envelope.restore(origin) }
        let identity = MessageDigest(
            id: id.utf8Span.span.bytes,
            topic: topic.utf8Span.span.bytes,
            body: body.readableBytesSpan
        )
        return .forward(
            Translation(
                envelope: envelope,
                body: body,
                identity: identity,
                isRestored: origin != nil,
                sentAt: sentAt
            )
        )
    }

    private func headers(of properties: AMQPBasicProperties) throws(Rejection) -> AMQPTable {
        let malformed = properties.malformed.map(\.name).filter(Self.needed.contains)
        guard malformed.isEmpty else {
            throw Rejection(.badHeaders, "can't be read: \(malformed.joined(separator: ", "))")
        }
        do throws(AMQPCodingError) {
            return try properties.headers?.table(only: Self.looked) ?? AMQPTable()
        } catch {
            throw Rejection(.badHeaders, "\(error)")
        }
    }

    /// What a bridge that took it over from fedmsg wrote down, `nil` where none did.
    package static func fedmsgOrigin(_ headers: AMQPTable) -> AMQPTable? {
        guard case .table(let table) = headers[BridgeHeader.name],
            table[BridgeHeader.origin]?.text == BridgeHeader.originFedmsg
        else { return nil }
        return table
    }

    /// `sent-at`, else the `timestamp` property, where they are times of the years 1 to 9999.
    private static func seconds(_ headers: AMQPTable, _ properties: AMQPBasicProperties) -> Int64? {
        if let seconds = headers[NativeHeaders.sentAt]?.text.flatMap({ SentAt.seconds($0) }) { return seconds }
        guard let seconds = properties.timestamp.flatMap(Int64.init(exactly:)), SentAt.range.contains(seconds) else {
            return nil
        }
        return seconds
    }

    /// An id behind its year, as fedmsg writes them.
    private static func dated(_ id: String, _ seconds: Int64) -> String {
        // `SentAt` begins with the year and a dash.
        guard let time = SentAt.bytes(seconds) else { return "1970-" + id }
        var id = id
        return id.withUTF8 { id in
            String(unsafeUninitializedCapacity: 5 + id.count) { buffer in
                for place in 0..<5 { buffer[place] = time[place] }
                _ = buffer[5...].initialize(fromContentsOf: id)
                return 5 + id.count
            }
        }
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

extension OutgoingEnvelope {
    /// Gives back what the envelope had on fedmsg; what it had not there, it has not here.
    fileprivate mutating func restore(_ origin: AMQPTable) {
        username = origin[BridgeHeader.username]?.text
        i = origin[BridgeHeader.counter]?.integer.map(Int64.init)
        timestamp = origin[BridgeHeader.timestamp]?.json.map(Timestamp.json)
        headers = origin[BridgeHeader.headers]?.json
    }
}

extension AMQPFieldValue {
    /// A text that is JSON in an envelope too: from a stranger it may be anything.
    fileprivate var json: String? {
        guard let text, JSONValue.isJSON(text.utf8Span.span.bytes, outerLevels: 1) else { return nil }
        return text
    }
}
