package import Fedmsg
package import NIOCore
package import Settings
package import Spool

/// Makes a native fedora-messaging message of a fedmsg.
///
/// The body is the envelope's `msg`, sliced out byte for byte; properties and headers are those that
/// fedora-messaging itself gives a `base.message`, in its order, and one table of ours in addition.
package struct ToAMQPTranslator: Sendable {
    /// What becomes of a fedmsg that can be bridged.
    package enum Outcome: Sendable {
        case forward(Translation)
        case drop(DropReason)
        /// Nothing can be said of it, or of any message, until the CA or the CRL is replaced.
        case wait(TrustFault)
    }

    /// A message for the broker, and what duplicates are known by.
    package struct Translation: Sendable {
        package var message: BridgedFedmsg
        /// `nil` where the fedmsg had no id: then it is never a duplicate.
        package var identity: MessageDigest?
    }

    /// A fedmsg whose topic and envelope can be read.
    private struct ReadFedmsg {
        var envelope: Envelope
        var topic: String
        var routingKey: String
        var username: String?
    }

    private let exchange: String
    private let topicPrefix: String
    private let sendsEnvelope: Bool
    private let mandatory: Bool
    private let priority: UInt8?
    private let loops: LoopCheck
    private let verifier: SignatureVerifier?

    /// - Parameter verifier: `nil` where signatures are not checked.
    package init(configuration: BridgeConfiguration, verifier: SignatureVerifier? = nil) {
        self.verifier = verifier
        exchange = configuration.toAMQP.exchange
        topicPrefix = configuration.topicPrefix.isEmpty ? "" : configuration.topicPrefix + "."
        sendsEnvelope = configuration.toAMQP.body == .envelope
        mandatory = configuration.toAMQP.mandatory
        priority = configuration.publishPriority
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
        let payload = received.payload
        let fedmsg = try read(topic: received.topic, envelope: payload)
        let bytes = payload.readableBytesSpan
        let topic = fedmsg.topic.utf8Span.span.bytes
        guard !loops.cameFromAMQP(username: fedmsg.username) else { return .drop(.looped) }
        let seconds = receivedAt / 1_000_000
        if let verifier {
            let time = JudgingTime.receipt(seconds)
            switch verifier.verify(fedmsg.envelope, in: bytes, frame: topic, at: time, using: &workspace) {
            case .valid: break
            case .refused(let refusal): throw Rejection(refusal)
            case .unjudged(let fault): return .wait(fault)
            }
        }
        let bridged = self.bridged(fedmsg, payload, receivedAt: seconds)
        var identity: MessageDigest?
        if bridged.hasOwnID {
            let digest = MessageIdentity.digest(
                id: bridged.messageID.utf8Span.span.bytes,
                topic: topic,
                body: bytes.extracting(fedmsg.envelope.body)
            )
            identity = MessageDigest(high: digest.high, low: digest.low)
        }
        return .forward(Translation(message: bridged, identity: identity))
    }

    /// Translates a capture, without a clock, without a look at its signature or whether it is a loop.
    ///
    /// - Parameter topic: `nil` where the capture has none: then the envelope's `topic` stands for it.
    /// - Throws: why the message can't be bridged.
    package func translate(topic: ByteBuffer?, envelope: ByteBuffer) throws(Rejection) -> BridgedFedmsg {
        bridged(try read(topic: topic, envelope: envelope), envelope, receivedAt: nil)
    }

    private func read(topic frame: ByteBuffer?, envelope payload: ByteBuffer) throws(Rejection) -> ReadFedmsg {
        // A frame that can't be a topic is refused before its envelope is read.
        let frameTopic: String? = if let frame { try self.topic(frame) } else { nil }
        let frameKey: String? = if let frameTopic { try routingKey(frameTopic) } else { nil }
        let bytes = payload.readableBytesSpan
        let envelope: Envelope
        let found: String?
        do throws(EnvelopeError) {
            envelope = try Envelope(bytes)
            found = if let frameTopic { frameTopic } else { try envelope.topic(in: bytes) }
        } catch {
            throw Rejection(error)
        }
        guard let topic = found else { throw Rejection(.badTopic, "the envelope has no topic that is text") }
        guard !topic.isEmpty else { throw Rejection(.badTopic, "the envelope's topic is empty") }
        let routingKey = if let frameKey { frameKey } else { try self.routingKey(topic) }
        return ReadFedmsg(
            envelope: envelope,
            topic: topic,
            routingKey: routingKey,
            username: envelope.text(.username, in: bytes)
        )
    }

    private func topic(_ frame: ByteBuffer) throws(Rejection) -> String {
        guard frame.readableBytes > 0 else { throw Rejection(.badTopic, "the topic frame is empty") }
        guard let topic = try? UTF8Span(validating: frame.readableBytesUInt8Span) else {
            throw Rejection(.badTopic, "the topic frame is not UTF-8")
        }
        return String(copying: topic)
    }

    private func routingKey(_ topic: String) throws(Rejection) -> String {
        let routingKey = topicPrefix.isEmpty ? topic : topicPrefix + topic
        guard routingKey.utf8.count <= 255 else {
            throw Rejection(.topicTooLong, "\(routingKey.utf8.count) bytes with the prefix, AMQP takes 255")
        }
        return routingKey
    }

    private func bridged(_ fedmsg: ReadFedmsg, _ payload: ByteBuffer, receivedAt: Int64?) -> BridgedFedmsg {
        let bytes = payload.readableBytesSpan
        let id = fedmsg.envelope.text(.msgID, in: bytes).flatMap { (1...255).contains($0.utf8.count) ? $0 : nil }
        let timestamp = fedmsg.envelope.timestamp(in: bytes)
        return BridgedFedmsg(
            exchange: exchange,
            routingKey: fedmsg.routingKey,
            mandatory: mandatory,
            priority: priority,
            messageID: id ?? NameUUID.fedmsg(topic: fedmsg.topic.utf8Span.span.bytes, envelope: bytes),
            hasOwnID: id != nil,
            timestamp: timestamp,
            sentAt: timestamp ?? receivedAt,
            headers: fedmsg.envelope[.headers] == nil ? [] : fedmsg.envelope.headers(in: bytes),
            username: fedmsg.username,
            counter: fedmsg.envelope.integer(.i, in: bytes),
            body: sendsEnvelope ? payload : payload.slice(fedmsg.envelope.body),
            timestampText: fedmsg.envelope[.timestamp].map { payload.slice($0.range) },
            headersText: fedmsg.envelope[.headers].map { payload.slice($0.range) }
        )
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

extension ByteBuffer {
    /// A part of what is readable, counted from where that begins.
    fileprivate func slice(_ range: Range<Int>) -> ByteBuffer {
        var part = self
        part.moveWriterIndex(to: readerIndex + range.upperBound)
        part.moveReaderIndex(forwardBy: range.lowerBound)
        return part
    }
}
