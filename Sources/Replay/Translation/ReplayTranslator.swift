import Bridge
import Fedmsg
import FedoraMessaging
import NIOCore
import Settings

/// Translates captured messages as the daemon does, but without a clock: what has no time gets none.
struct ReplayTranslator {
    private let direction: ReplayDirection
    private let topicPrefix: String
    private let toAMQP: ToAMQPTranslator
    private let toFedmsg: ToFedmsgTranslator

    init(direction: ReplayDirection, configuration: BridgeConfiguration) {
        self.direction = direction
        topicPrefix = configuration.topicPrefixWithDot
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
        guard direction == .toAMQP else { return own }
        guard let frame = message.topic else { return own.map { topicPrefix + $0 } }
        return String(validating: frame.readableBytesView, as: UTF8.self).map { topicPrefix + $0 }
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
        case .forward(let translation):
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
}
