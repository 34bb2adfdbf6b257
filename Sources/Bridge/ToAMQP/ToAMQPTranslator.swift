package import AMQP
package import Fedmsg
import FedoraMessaging
package import NIOCore
package import Settings
package import Spool

/// Makes a native fedora-messaging message of a fedmsg.
///
/// The body is the envelope's `msg`, sliced out byte for byte; properties and headers are those that
/// fedora-messaging itself gives a `base.message`, in its order, and one table of ours in addition.
package struct ToAMQPTranslator: Sendable {
    /// What the translation is for.
    package enum Purpose: Sendable {
        case bridging
        /// Captured messages: neither loops nor duplicates are judged.
        case replay
    }

    /// What becomes of a fedmsg that can be bridged.
    package enum Outcome: Sendable {
        case forward(Translation)
        case drop(DropReason)
        /// Nothing can be said of it, or of any message, until the CA or the CRL is replaced.
        case wait(TrustFault)
    }

    /// A message for the broker, and what duplicates are known by.
    package struct Translation: Sendable {
        package var message: AMQPMessage
        /// `nil` where the fedmsg had no id: then it is never a duplicate.
        package var identity: MessageDigest?
        /// The envelope's time in seconds since 1970, where it has one.
        package var timestamp: Int64?
    }

    private let exchange: String
    private let topicPrefix: String
    private let sendsEnvelope: Bool
    private let mandatory: Bool
    private let priority: UInt8?
    private let native: NativeHeaders
    private let purpose: Purpose
    private let loops: LoopCheck
    private let verifier: SignatureVerifier?

    /// - Parameter verifier: `nil` where signatures are not checked.
    package init(
        configuration: BridgeConfiguration,
        verifier: SignatureVerifier? = nil,
        purpose: Purpose = .bridging
    ) {
        self.verifier = verifier
        self.purpose = purpose
        exchange = configuration.toAMQP.exchange
        topicPrefix = configuration.topicPrefix.isEmpty ? "" : configuration.topicPrefix + "."
        sendsEnvelope = configuration.toAMQP.body == .envelope
        mandatory = configuration.toAMQP.mandatory
        priority = configuration.publishPriority
        native = NativeHeaders(priority: configuration.publishPriority ?? 0)
        loops = LoopCheck(configuration: configuration)
    }

    /// - Parameters:
    ///   - receivedAt: microseconds since 1970; `sent-at` where the envelope has no time. A signature is judged as of
    ///     then.
    ///   - workspace: the caller's own.
    /// - Throws: why the message can't be bridged.
    func translate(
        _ received: ReceivedMessage,
        receivedAt: Int64,
        using workspace: inout SignatureWorkspace
    ) throws(Rejection) -> Outcome {
        guard received.frameCount == 2 else {
            throw Rejection(.badFrames, "\(received.frameCount) frames, expected a topic and an envelope")
        }
        return try translate(
            topic: received.topic,
            envelope: received.payload,
            receivedAt: receivedAt,
            using: &workspace
        )
    }

    /// Translates a capture, without a clock and without a look at its signature.
    ///
    /// - Parameter topic: `nil` where the capture has none: then the envelope's `topic` stands for it.
    /// - Throws: why the message can't be bridged.
    package func translate(topic: ByteBuffer?, envelope: ByteBuffer) throws(Rejection) -> Outcome {
        var workspace = SignatureWorkspace()
        return try translate(topic: topic, envelope: envelope, receivedAt: nil, using: &workspace)
    }

    private func translate(
        topic topicFrame: ByteBuffer?,
        envelope payload: ByteBuffer,
        receivedAt: Int64?,
        using workspace: inout SignatureWorkspace
    ) throws(Rejection) -> Outcome {
        // A frame that can't be a topic is refused before its envelope is read.
        let frameKey: String? = if let topicFrame { try self.routingKey(topicFrame) } else { nil }
        let bytes = payload.readableBytesSpan
        let envelope: Envelope
        do throws(EnvelopeError) {
            envelope = try Envelope(bytes)
        } catch {
            throw Rejection(error)
        }
        let frame = if let topicFrame { topicFrame } else { try self.topic(of: envelope, in: bytes) }
        let routingKey = if let frameKey { frameKey } else { try self.routingKey(frame) }
        let topic = frame.readableBytesSpan
        let username = envelope.text(.username, in: bytes)
        guard purpose == .replay || !loops.cameFromAMQP(username: username) else { return .drop(.looped) }
        if let verifier, let receivedAt {
            let time = JudgingTime.receipt(receivedAt / 1_000_000)
            switch verifier.verify(envelope, in: bytes, frame: topic, at: time, using: &workspace) {
            case .valid: break
            case .refused(let refusal): throw Rejection(refusal)
            case .unjudged(let fault): return .wait(fault)
            }
        }

        var body = payload
        if !sendsEnvelope { body.narrow(to: envelope.body) }
        let id = envelope.text(.msgID, in: bytes).flatMap { (1...255).contains($0.utf8.count) ? $0 : nil }
        let identity =
            purpose == .replay
            ? nil
            : id.map { id in
                let digest = MessageIdentity.digest(
                    id: id.utf8Span.span.bytes,
                    topic: topic,
                    body: bytes.extracting(envelope.body)
                )
                return MessageDigest(high: digest.high, low: digest.low)
            }
        var properties = AMQPBasicProperties()
        properties.contentType = "application/json"
        properties.contentEncoding = "utf-8"
        properties.deliveryMode = 2
        properties.priority = priority
        properties.messageID = id ?? NameUUID.fedmsg(topic: topic, envelope: bytes)
        let timestamp = envelope.timestamp(in: bytes)
        properties.headers = AMQPHeaders(
            encoded: headers(
                of: envelope,
                in: bytes,
                username: username,
                sentAt: timestamp ?? receivedAt.map { $0 / 1_000_000 }
            )
        )
        let message = AMQPMessage(
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            body: body,
            mandatory: mandatory
        )
        return .forward(Translation(message: message, identity: identity, timestamp: timestamp))
    }

    /// The envelope's own topic, where no frame came with it.
    private func topic(of envelope: Envelope, in bytes: RawSpan) throws(Rejection) -> ByteBuffer {
        let topic: String?
        do throws(EnvelopeError) {
            topic = try envelope.topic(in: bytes)
        } catch {
            throw Rejection(error)
        }
        guard let topic else { throw Rejection(.badTopic, "the envelope has no topic that is text") }
        return ByteBuffer(string: topic)
    }

    private func routingKey(_ frame: ByteBuffer) throws(Rejection) -> String {
        guard frame.readableBytes > 0 else { throw Rejection(.badTopic, "the topic frame is empty") }
        guard let topic = String(validating: frame.readableBytesView, as: UTF8.self) else {
            throw Rejection(.badTopic, "the topic frame is not UTF-8")
        }
        let routingKey = topicPrefix + topic
        guard routingKey.utf8.count <= 255 else {
            throw Rejection(.topicTooLong, "\(routingKey.utf8.count) bytes with the prefix, AMQP takes 255")
        }
        return routingKey
    }

    private func headers(of envelope: Envelope, in bytes: RawSpan, username: String?, sentAt: Int64?) -> ByteBuffer {
        var writer = native.writer(sentAt: sentAt)
        if envelope[.headers] != nil {
            for header in envelope.headers(in: bytes) { writer.write(header) }
        }
        writer.table(BridgeHeader.name) { table in
            table.text(BridgeHeader.origin, BridgeHeader.originFedmsg)
            if let username { table.text(BridgeHeader.username, username) }
            if let counter = envelope.integer(.i, in: bytes) { table.int64(BridgeHeader.counter, counter) }
            table.json(BridgeHeader.timestamp, envelope[.timestamp], in: bytes)
            table.json(BridgeHeader.headers, envelope[.headers], in: bytes)
        }
        return writer.bytes
    }
}

extension Rejection {
    /// The reasons have the same names in both places.
    package init(_ error: EnvelopeError) {
        self.init(RejectReason(rawValue: error.reason) ?? .badJSON, error.detail)
    }
}

extension Rejection {
    /// The reasons have the same names in both places.
    package init(_ refusal: SignatureRefusal) {
        self.init(RejectReason(rawValue: refusal.reason.rawValue) ?? .badSignature, refusal.detail)
    }
}

extension HeaderTableWriter {
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

    /// A value's JSON text, as it stands in the envelope.
    fileprivate mutating func json(_ key: String, _ value: JSONValue?, in bytes: RawSpan) {
        guard let value else { return }
        bytes.extracting(value.range).withUnsafeBytes { unsafe text(key, utf8: $0) }
    }
}

extension ByteBuffer {
    /// Leaves a part of what is readable.
    fileprivate mutating func narrow(to range: Range<Int>) {
        moveWriterIndex(to: readerIndex + range.upperBound)
        moveReaderIndex(forwardBy: range.lowerBound)
    }
}
