import AMQP
import Bridge
import Fedmsg
import FedoraMessaging
import NIOCore
package import Settings

/// Reads of a message what its copy on the other bus is compared by.
package struct SightingReader {
    /// What a text is cut to: an id on AMQP has no more, and neither has a topic.
    private static let shown = 255

    private let loops: LoopCheck
    private let hasEnvelopes: Bool
    private let topicPrefix: String
    private let translator: ToFedmsgTranslator
    private var canonical = CanonicalForm()

    package init(configuration: BridgeConfiguration) {
        loops = LoopCheck(configuration: configuration)
        hasEnvelopes = configuration.toAMQP.body == .envelope
        topicPrefix = configuration.topicPrefixWithDot
        translator = ToFedmsgTranslator(configuration: configuration, purpose: .replay)
    }

    /// Nil for a message that has no id, and can't be given one: nothing on the other bus could be it.
    package mutating func read(_ heard: Heard) -> Sighting? {
        heard.place == .amqp ? amqp(heard) : fedmsg(heard)
    }

    private mutating func fedmsg(_ heard: Heard) -> Sighting? {
        let bytes = heard.payload.readableBytesSpan
        guard heard.frames == 2, let envelope = try? Envelope(bytes) else { return nil }
        let topic = heard.topic.readableBytesSpan
        let id = envelope.text(.msgID, in: bytes)
            .flatMap { Envelope.messageIDLengths.contains($0.utf8.count) ? $0 : nil }
        let isBridged = loops.cameFromAMQP(username: envelope.text(.username, in: bytes))
        return Sighting(
            place: heard.place,
            // What has no id gets one from the bridge, always the same.
            key: Self.key(id ?? NameUUID.fedmsg(topic: topic, envelope: bytes)),
            messageID: id ?? "",
            topic: Self.cut(heard.topic),
            body: digest(bytes.extracting(envelope.body)),
            isBridged: isBridged,
            // Of a message from AMQP the envelope has no headers.
            headers: isBridged ? nil : Self.digests(envelope.headers(in: bytes).compactMap(\.asText))
        )
    }

    private mutating func amqp(_ heard: Heard) -> Sighting? {
        let properties = heard.properties
        guard let id = properties.messageID, !id.isEmpty else { return nil }
        let source = ToFedmsgTranslator.Source(
            routingKey: String(buffer: heard.topic),
            properties: properties,
            body: heard.payload
        )
        // What can't be bridged has no copy, and its body does not matter.
        var body = heard.payload
        if case .forward(let translation) = try? translator.translate(source, receivedAt: 0) { body = translation.body }
        let headers = (try? properties.headers?.table()) ?? AMQPTable()
        let isBridged = ToFedmsgTranslator.fedmsgOrigin(headers) != nil
        var range = 0..<body.readableBytes
        if hasEnvelopes, let envelope = try? Envelope(body.readableBytesSpan),
            isBridged || isEnvelope(envelope, in: body.readableBytesSpan, at: source.routingKey)
        {
            range = envelope.body
        }
        return Sighting(
            place: .amqp,
            key: Self.key(id),
            messageID: id,
            topic: Self.cut(heard.topic),
            body: digest(body.readableBytesSpan.extracting(range)),
            isBridged: isBridged,
            headers: Self.digests(headers.entries.compactMap(\.asText))
        )
    }

    /// Whether the body of a message without our header is a fedmsg's envelope, as the first bridge publishes it: a native message's
    /// own may have a `msg` too.
    private func isEnvelope(_ envelope: Envelope, in bytes: RawSpan, at routingKey: String) -> Bool {
        guard envelope.text(.msgID, in: bytes) != nil, let topic = envelope.text(.topic, in: bytes) else {
            return false
        }
        return routingKey == topic || routingKey == topicPrefix + topic
    }

    /// Equal JSON gives equal digests; what is no JSON is taken as its bytes.
    private mutating func digest(_ json: RawSpan) -> Sighting.Digest {
        var text: [UInt8] = []
        do throws(JSONError) {
            try canonical.write(json, to: &text)
            return Self.digest(text.span.bytes)
        } catch {
            return Self.digest(json)
        }
    }

    private static func digests(_ headers: [String]) -> Set<Sighting.Digest> {
        Set(headers.map { digest($0.utf8Span.span.bytes) })
    }

    private static func digest(_ bytes: RawSpan) -> Sighting.Digest {
        digest(id: RawSpan(), body: bytes)
    }

    private static func key(_ id: String) -> Sighting.Digest {
        digest(id: id.utf8Span.span.bytes, body: RawSpan())
    }

    private static func digest(id: RawSpan, body: RawSpan) -> Sighting.Digest {
        let digest = MessageIdentity.digest(id: id, topic: RawSpan(), body: body)
        return Sighting.Digest(high: digest.high, low: digest.low)
    }

    private static func cut(_ text: ByteBuffer) -> String {
        String(decoding: text.readableBytesView.prefix(shown), as: UTF8.self)
    }
}

extension EnvelopeHeader {
    /// Name and value of a header that goes to AMQP.
    fileprivate var asText: String? {
        guard !name.isReserved else { return nil }
        switch value {
        case .text(let text): return "\(name)\0S\(text)"
        case .bool(let bool): return "\(name)\0t\(bool)"
        case .integer(let integer): return "\(name)\0l\(integer)"
        case .other: return nil
        }
    }
}

extension AMQPTable.Entry {
    /// Name and value of a header that can come from fedmsg, in whatever size a client wrote an integer.
    fileprivate var asText: String? {
        guard !key.isReserved else { return nil }
        if case .boolean(let bool) = value { return "\(key)\0t\(bool)" }
        if let text = value.text { return "\(key)\0S\(text)" }
        return value.integer.map { "\(key)\0l\($0)" }
    }
}

extension String {
    /// Whether a header of this name is the bridge's or the library's own.
    fileprivate var isReserved: Bool {
        self == AMQPMessage.publishNumberHeader || BridgeHeader.reserved.contains(self)
    }
}
