package import AMQP
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
        var topic: EnvelopeText
        var routingKey: EnvelopeText
        var username: EnvelopeText?
    }

    /// Where its messages go.
    let exchange: String
    private let topicPrefix: String
    private let sendsEnvelope: Bool
    private let mandatory: Bool
    private let priority: UInt8?
    /// What all messages have alike; or why none can be sent.
    package let template: Result<PublishTemplate, AMQPError>
    private let loops: LoopCheck
    private let verifier: SignatureVerifier?

    /// - Parameter verifier: `nil` where signatures are not checked.
    package init(configuration: BridgeConfiguration, verifier: SignatureVerifier? = nil) {
        self.verifier = verifier
        exchange = configuration.toAMQP.exchange
        topicPrefix = configuration.topicPrefixWithDot
        sendsEnvelope = configuration.toAMQP.body == .envelope
        mandatory = configuration.toAMQP.mandatory
        priority = configuration.publishPriority
        template = Result { () throws(AMQPError) in
            try PublishTemplate(
                exchange: configuration.toAMQP.exchange,
                mandatory: configuration.toAMQP.mandatory,
                properties: BridgedFedmsg.properties(priority: configuration.publishPriority)
            )
        }
        loops = LoopCheck(configuration: configuration)
    }

    /// - Parameters:
    ///   - receivedAt: microseconds since 1970; `sent-at` where the envelope has no time. A signature is judged as of
    ///     then.
    ///   - now: of a message from the future one of the two clocks was wrong: it counts where either vouches for it.
    ///   - workspace: the caller's own.
    /// - Throws: why the message can't be bridged.
    func translate(
        _ received: ReceivedMessage,
        receivedAt: Int64,
        now: Int64,
        using workspace: inout SignatureWorkspace
    ) throws(Rejection) -> Outcome {
        guard received.frameCount == 2 else {
            throw Rejection(.badFrames, "\(received.frameCount) frames, expected a topic and an envelope")
        }
        let payload = received.payload
        let bytes = payload.readableBytesSpan
        let fedmsg = try read(topic: received.topic, bytes)
        let topic = received.topic.readableBytesSpan
        guard !loops.cameFromAMQP(username: fedmsg.username?.string(in: bytes)) else { return .drop(.looped) }
        let seconds = receivedAt / 1_000_000
        if let verifier {
            var verdict = verifier.verify(
                fedmsg.envelope,
                in: bytes,
                frame: topic,
                at: .receipt(seconds),
                using: &workspace
            )
            if now < receivedAt, !verdict.isValid {
                let time = JudgingTime.receipt(now / 1_000_000)
                let other = verifier.verify(fedmsg.envelope, in: bytes, frame: topic, at: time, using: &workspace)
                // A clock by which the files are yet to begin is the wrong one.
                if case (.refused, .unjudged) = (verdict, other) {} else { verdict = other }
            }
            switch verdict {
            case .valid: break
            case .refused(let refusal): throw Rejection(refusal)
            case .unjudged(let fault): return .wait(fault)
            }
        }
        let bridged = self.bridged(fedmsg, payload, bytes, receivedAt: seconds)
        var identity: MessageDigest?
        if bridged.hasOwnID {
            identity = bridged.id.withUTF8(in: bytes) { id in
                MessageDigest(id: id, topic: topic, body: bytes.extracting(fedmsg.envelope.body))
            }
        }
        return .forward(Translation(message: bridged, identity: identity))
    }

    /// Translates a capture, or what was judged before: without a look at its signature or whether it is a loop.
    ///
    /// - Parameters:
    ///   - topic: `nil` where the capture has none: then the envelope's `topic` stands for it.
    ///   - receivedAt: microseconds since 1970; `nil` for a capture, where nothing comes from a clock.
    /// - Throws: why the message can't be bridged.
    package func translate(
        topic: ByteBuffer?,
        envelope: ByteBuffer,
        receivedAt: Int64? = nil
    ) throws(Rejection) -> BridgedFedmsg {
        let bytes = envelope.readableBytesSpan
        return bridged(try read(topic: topic, bytes), envelope, bytes, receivedAt: receivedAt.map { $0 / 1_000_000 })
    }

    private func read(topic frame: ByteBuffer?, _ bytes: RawSpan) throws(Rejection) -> ReadFedmsg {
        // A frame that can't be a topic is refused before its envelope is read.
        let frameTopic: EnvelopeText? = if let frame { .decoded(try self.topic(frame)) } else { nil }
        let frameKey: EnvelopeText? = if let frameTopic { try routingKey(frameTopic, in: bytes) } else { nil }
        let envelope: Envelope
        let found: EnvelopeText?
        do throws(EnvelopeError) {
            envelope = try Envelope(bytes)
            found = if let frameTopic { frameTopic } else { try envelope.undecodedTopic(in: bytes) }
        } catch {
            throw Rejection(error)
        }
        guard let topic = found else { throw Rejection(.badTopic, "the envelope has no topic that is text") }
        guard topic.byteCount > 0 else { throw Rejection(.badTopic, "the envelope's topic is empty") }
        let routingKey = if let frameKey { frameKey } else { try self.routingKey(topic, in: bytes) }
        return ReadFedmsg(
            envelope: envelope,
            topic: topic,
            routingKey: routingKey,
            username: envelope.undecodedText(.username, in: bytes)
        )
    }

    private func topic(_ frame: ByteBuffer) throws(Rejection) -> String {
        guard frame.readableBytes > 0 else { throw Rejection(.badTopic, "the topic frame is empty") }
        guard let topic = try? UTF8Span(validating: frame.readableBytesUInt8Span) else {
            throw Rejection(.badTopic, "the topic frame is not UTF-8")
        }
        return String(copying: topic)
    }

    private func routingKey(_ topic: EnvelopeText, in bytes: RawSpan) throws(Rejection) -> EnvelopeText {
        let routingKey = topicPrefix.isEmpty ? topic : .decoded(topicPrefix + topic.string(in: bytes))
        guard routingKey.byteCount <= 255 else {
            throw Rejection(.topicTooLong, "\(routingKey.byteCount) bytes with the prefix, AMQP takes 255")
        }
        return routingKey
    }

    private func bridged(
        _ fedmsg: ReadFedmsg,
        _ payload: ByteBuffer,
        _ bytes: RawSpan,
        receivedAt: Int64?
    ) -> BridgedFedmsg {
        let envelope = fedmsg.envelope
        let id = envelope.undecodedText(.msgID, in: bytes)
            .flatMap { Envelope.messageIDLengths.contains($0.byteCount) ? $0 : nil }
        let timestamp = envelope.timestamp(in: bytes)
        return BridgedFedmsg(
            exchange: exchange,
            mandatory: mandatory,
            priority: priority,
            payload: payload,
            key: fedmsg.routingKey,
            id: id
                ?? .decoded(fedmsg.topic.withUTF8(in: bytes) { NameUUID.fedmsg(topic: $0, envelope: bytes) }),
            hasOwnID: id != nil,
            timestamp: timestamp,
            sentAt: timestamp ?? receivedAt,
            headers: envelope[.headers] == nil ? [] : envelope.headers(in: bytes),
            username: fedmsg.username,
            counter: envelope.integer(.i, in: bytes),
            bodyRange: sendsEnvelope ? 0..<bytes.byteCount : envelope.body,
            timestampRange: envelope[.timestamp]?.range,
            headersRange: envelope[.headers]?.range
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
