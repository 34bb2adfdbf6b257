import DequeModule
import NIOCore

extension ChannelMachine {
    mutating func assembled(
        _ content: ContentAssembly.Content,
        output: inout FrameWriter
    ) throws(ProtocolViolation) -> Event? {
        switch content.announcement {
        case .deliver(let consumer, let deliver):
            try arrived(deliver.deliveryTag, noAck: consumer.noAck)
            return .delivered(consumer.id, ReceivedMessage(deliver, content))
        case .getOk(let getOk):
            let caller = try takeReply(.basicGetOk(getOk), output: &output)
            try arrived(getOk.deliveryTag, noAck: caller.noAck)
            if let request = caller.id {
                return .got(request, ReceivedMessage(getOk, content), messageCount: getOk.messageCount)
            }
            // Its caller gave up, so nobody would ever settle it.
            if !caller.noAck { try? settle(getOk.deliveryTag, as: .nack(requeue: true), output: &output) }
            return nil
        case .returned(let details):
            try returned(details, content)
            return nil
        }
    }

    private mutating func arrived(_ tag: UInt64, noAck: Bool) throws(ProtocolViolation) {
        guard deliveries.delivered(tag, needsSettlement: !noAck) else {
            throw ProtocolViolation(code: .commandInvalid, message: "delivery tag \(tag) after a higher or equal one")
        }
    }

    private mutating func returned(
        _ details: Method.Basic.Return,
        _ content: ContentAssembly.Content
    ) throws(ProtocolViolation) {
        let headers = AMQPBasicProperties(decoding: content.encodedProperties).headers
        guard let header = (try? headers?.encoded())?.lastInt64(ofEntry: AMQPMessage.publishNumberHeader) else {
            throw ProtocolViolation(
                scope: .channel,
                code: .commandInvalid,
                message: "return of a message that was not mandatory"
            )
        }
        // No number at all is one that was never published.
        let number = UInt64(exactly: header) ?? 0
        do throws(ConfirmLedger.Violation) {
            let reason = PublishReturn(
                replyCode: AMQPReplyCode(rawValue: details.replyCode),
                replyText: details.replyText
            )
            try confirms.returned(number, reason)
        } catch {
            throw ProtocolViolation(code: .commandInvalid, message: "return of publish \(number), which is settled")
        }
    }

    mutating func settle(_ tag: UInt64, multiple: Bool, accepted: Bool) throws(ProtocolViolation) -> Event {
        do throws(ConfirmLedger.Violation) {
            try confirms.settle(tag, multiple: multiple, accepted: accepted)
        } catch {
            throw ProtocolViolation(
                code: .commandInvalid,
                message: "confirm of publish \(tag), which is not outstanding"
            )
        }
        return .publishingChanged
    }
}

extension ReceivedMessage {
    fileprivate convenience init(_ deliver: Method.Basic.Deliver, _ content: ContentAssembly.Content) {
        self.init(
            deliveryTag: deliver.deliveryTag,
            isRedelivered: deliver.redelivered,
            exchange: deliver.exchange,
            routingKey: deliver.routingKey,
            hasInvalidText: deliver.hasInvalidText,
            encodedProperties: content.encodedProperties,
            body: content.body
        )
    }

    fileprivate convenience init(_ getOk: Method.Basic.GetOk, _ content: ContentAssembly.Content) {
        self.init(
            deliveryTag: getOk.deliveryTag,
            isRedelivered: getOk.redelivered,
            exchange: getOk.exchange,
            routingKey: getOk.routingKey,
            hasInvalidText: getOk.hasInvalidText,
            encodedProperties: content.encodedProperties,
            body: content.body
        )
    }
}
