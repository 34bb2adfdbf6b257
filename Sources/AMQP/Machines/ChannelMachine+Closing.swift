import DequeModule
import NIOCore

extension ChannelMachine {
    /// Sends channel.close. From here on all that was under way is over, and what still comes is not looked at.
    ///
    /// - Parameter closer: who waits for close-ok, and until when.
    mutating func close(
        _ close: Method.Channel.Close,
        closer: (id: RequestID, deadline: Duration)?,
        because error: AMQPError,
        output: inout FrameWriter
    ) -> Event? {
        guard isOpen else { return nil }
        output.writeOwn(close, channel: number)
        state = .closing
        let event = end(error, outcome: .unknown(error))
        if let closer {
            let caller = PendingReply.Caller(id: closer.id)
            pending.append(PendingReply(method: close, caller: caller, deadline: closer.deadline))
        }
        return event
    }

    /// The number is free again.
    mutating func released() -> Event {
        state = .closed
        return .released(pending.popFirst()?.caller.id)
    }

    /// The connection is gone, and the channel with it.
    mutating func lost(_ error: AMQPError) -> Event? {
        switch state {
        case .open:
            state = .closed
            return end(error, outcome: .unknown(error))
        case .closing:
            return released()
        case .closed:
            return nil
        }
    }

    mutating func closed(by close: Method.Channel.Close) -> Event {
        let reply = AMQPReply(
            code: AMQPReplyCode(rawValue: close.replyCode),
            text: close.replyText,
            classID: close.classID,
            methodID: close.methodID
        )
        let error = AMQPError(
            .channelClosedByBroker,
            "the broker closed the channel",
            reply: reply,
            subject: .channel(number)
        )
        // With one publish under way there is no doubt which one is meant.
        let isAboutPublish = MethodID(classID: close.classID, methodID: close.methodID) == Method.Basic.Publish.id
        return end(error, outcome: isAboutPublish && confirms.outstanding == 1 ? .refused(error) : .unknown(error))
    }

    private mutating func end(_ error: AMQPError, outcome: PublishOutcome) -> Event {
        confirms.settleAll(as: outcome)
        content.reset()
        defer { pending.removeAll() }
        return .closed(error, failed: pending.compactMap(\.caller.id), confirms.takeSettlements())
    }
}
