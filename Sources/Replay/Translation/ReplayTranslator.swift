import Bridge
import Fedmsg
import FedoraMessaging
import NIOCore
import Settings

/// Translates captured messages as the daemon does, but without a clock: what has no time gets none.
struct ReplayTranslator {
    private let direction: ReplayDirection
    private let topicPrefix: String
    private let hasEnvelopes: Bool
    private let toAMQP: ToAMQPTranslator
    private let toFedmsg: ToFedmsgTranslator

    init(direction: ReplayDirection, configuration: BridgeConfiguration) {
        self.direction = direction
        topicPrefix = configuration.topicPrefixWithDot
        hasEnvelopes = configuration.toAMQP.body == .envelope
        toAMQP = ToAMQPTranslator(configuration: configuration)
        toFedmsg = ToFedmsgTranslator(configuration: configuration, purpose: .replay)
    }

    /// - Throws: why the message can't be bridged.
    func translate(_ message: CapturedMessage) throws(Rejection) -> ReplayMessage {
        switch direction {
        case .toAMQP: try toAMQP(message)
        case .toFedmsg: try toFedmsg(message)
        }
    }

    /// Whether a message that can't be translated is none of those that are asked for, as far as it can be read.
    func isOutside(_ selection: ReplaySelection, _ message: CapturedMessage) -> Bool {
        let bytes = message.bytes.readableBytesSpan
        let object = try? JSONObject(bytes)
        if let topic = topic(of: message, object), !selection.includes(topic: topic) { return true }
        guard let object else { return false }
        return !selection.includes(timestamp: timestamp(of: object, in: bytes))
    }

    /// As the translation has it.
    private func topic(of message: CapturedMessage, _ object: JSONObject?) -> String? {
        let bytes = message.bytes.readableBytesSpan
        let own = object?["topic"]?.text(in: bytes)
        guard direction == .toAMQP else {
            return own.map { Self.isFromFedmsg(object, in: bytes) ? withoutPrefix($0) : $0 }
        }
        guard let frame = message.topic else { return own.map { topicPrefix + $0 } }
        return String(validating: frame.readableBytesView, as: UTF8.self).map { topicPrefix + $0 }
    }

    private static func isFromFedmsg(_ object: JSONObject?, in bytes: RawSpan) -> Bool {
        guard let value = object?["headers"] else { return false }
        let headers = bytes.extracting(value.range)
        guard let value = (try? JSONObject(headers))?[BridgeHeader.name] else { return false }
        let table = headers.extracting(value.range)
        return (try? JSONObject(table))?[BridgeHeader.origin]?.text(in: table) == BridgeHeader.originFedmsg
    }

    /// The topic of a message from fedmsg, as it was there: never empty.
    private func withoutPrefix(_ topic: String) -> String {
        let prefix = topicPrefix.utf8
        guard topic.utf8.count > prefix.count, topic.utf8.starts(with: prefix) else { return topic }
        return String(Substring(topic.utf8.dropFirst(prefix.count)))
    }

    /// As the translation has it.
    private func timestamp(of object: JSONObject, in bytes: RawSpan) -> Int64? {
        guard direction == .toFedmsg else { return object["timestamp"]?.timestamp(in: bytes) }
        guard let value = object["headers"] else { return nil }
        let headers = bytes.extracting(value.range)
        let sentAt = (try? JSONObject(headers))?[NativeHeaders.sentAt]
        return sentAt?.text(in: headers).flatMap { SentAt.seconds($0) }
    }

    private func toAMQP(_ message: CapturedMessage) throws(Rejection) -> ReplayMessage {
        let fedmsg = try toAMQP.translate(topic: message.topic, envelope: message.bytes)
        return ReplayMessage(timestamp: fedmsg.timestamp, content: .amqp(fedmsg))
    }

    private func toFedmsg(_ message: CapturedMessage) throws(Rejection) -> ReplayMessage {
        let source = try SerializedMessage.read(message.bytes)
        switch try toFedmsg.translate(source, receivedAt: 0) {
        case .forward(var translation):
            if translation.isRestored { unwrap(&translation) }
            return ReplayMessage(
                timestamp: translation.sentAt,
                content: .fedmsg(
                    translation.envelope,
                    body: translation.body,
                    needsCounter: !translation.isRestored
                )
            )
        case .drop(let reason): throw Rejection(.refused, reason.rawValue)
        }
    }

    /// Takes off what this configuration puts round a fedmsg on its way to AMQP.
    private func unwrap(_ translation: inout ToFedmsgTranslator.Translation) {
        translation.envelope.topic = withoutPrefix(translation.envelope.topic)
        let body = translation.body
        let bytes = body.readableBytesSpan
        // What is no envelope, or not this message's, was captured before the setting.
        guard hasEnvelopes, let whole = try? Envelope(bytes),
            whole.text(.username, in: bytes) == translation.envelope.username,
            whole.integer(.i, in: bytes) == translation.envelope.i,
            let own = body.getSlice(at: body.readerIndex + whole.body.lowerBound, length: whole.body.count)
        else { return }
        translation.body = own
    }
}
