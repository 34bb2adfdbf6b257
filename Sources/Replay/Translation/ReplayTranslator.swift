import Bridge
import Fedmsg
import NIOCore
import Settings

/// Translates captured messages as the daemon does, but without a clock: what has no time gets none.
struct ReplayTranslator {
    private let direction: ReplayDirection
    private let toAMQP: ToAMQPTranslator
    private let toFedmsg: ToFedmsgTranslator

    init(direction: ReplayDirection, configuration: BridgeConfiguration) {
        self.direction = direction
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
