import AMQP
import Bridge
import Fedmsg
import NIOCore
import Settings

/// Translates captured messages as the daemon does, but without a clock: what has no time gets none.
struct ReplayTranslator {
    private let signatures: SignatureCheck?
    private let direction: ReplayDirection
    private let toAMQP: ToAMQPTranslator
    private let toFedmsg: ToFedmsgTranslator

    /// - Parameter signatures: nil where they are not checked.
    init(direction: ReplayDirection, configuration: BridgeConfiguration, signatures: SignatureCheck? = nil) {
        self.signatures = signatures
        self.direction = direction
        toAMQP = ToAMQPTranslator(configuration: configuration, purpose: .replay)
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
        try signatures?.check(message)
        switch try toAMQP.translate(topic: message.topic, envelope: message.bytes) {
        case .forward(let translation):
            return ReplayMessage(
                topic: translation.message.routingKey,
                timestamp: translation.timestamp,
                content: .amqp(translation.message)
            )
        case .drop(let reason): throw Rejection(.refused, reason.rawValue)
        case .wait(let fault): throw Rejection(.badCertificate, "\(fault)")
        }
    }

    private func toFedmsg(_ message: CapturedMessage) throws(Rejection) -> ReplayMessage {
        let source = try SerializedMessage.read(message.bytes)
        switch try toFedmsg.translate(source, receivedAt: 0) {
        case .forward(let translation):
            return ReplayMessage(
                topic: translation.topic,
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
