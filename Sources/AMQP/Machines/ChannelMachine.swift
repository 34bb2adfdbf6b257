import DequeModule
import NIOCore

/// One channel's dialogue: synchronous methods and their replies in order, contents, confirms, and its end.
///
/// What goes out is written to the connection's ``FrameWriter``; what comes in is answered with an event. What the
/// peer does wrong is thrown, and never a trap.
struct ChannelMachine {
    /// Names a caller that waits for a reply.
    typealias RequestID = UInt64
    typealias ConsumerID = UInt64

    /// The rare ones are indirect, so that the frequent ones are small.
    enum Event {
        indirect case replied(RequestID, Method)
        case got(RequestID, ReceivedMessage, messageCount: UInt32)
        case delivered(ConsumerID, ReceivedMessage)
        /// The broker cancelled the consumer. Deliveries for it may still come.
        case consumerCancelled(ConsumerID)
        /// Outcomes wait in ``confirms``, or publishing may go on or has to stop.
        case publishingChanged
        case timedOut(RequestID, MethodID)
        /// The channel is of no use any more: calls that fail with it, and what became of its publishes.
        indirect case closed(AMQPError, failed: [RequestID], [PublishSettlement])
        /// The number is free again; a caller who closed the channel may wait for that.
        case released(RequestID?)
    }

    enum State: Equatable {
        case open
        /// We sent channel.close: until close-ok nothing that comes matters.
        case closing
        case closed
    }

    let number: UInt16
    let maxBodySize: Int
    var state = State.open
    var pending: Deque<PendingReply> = []
    var content = ContentAssembly()
    var consumers = ConsumerRegistry()
    var deliveries = DeliveryLedger()
    var confirms = ConfirmLedger()
    /// Whether confirm.select or tx.select went out: publishes count from there. A commit confirms all at once.
    var isConfirming = false
    /// Whether that was tx.select.
    var isTransactional = false
    /// By channel.flow, which RabbitMQ does not send, but the protocol has.
    var isFlowStopped = false

    init(number: UInt16, maxBodySize: Int) {
        self.number = number
        self.maxBodySize = maxBodySize
    }

    var isOpen: Bool { state == .open }
    var canPublish: Bool { isOpen && isConfirming && !isFlowStopped }
}

extension ChannelMachine {
    mutating func received(_ frame: Frame, output: inout FrameWriter) throws(ProtocolViolation) -> Event? {
        guard isOpen else { return receivedWhileClosing(frame, output: &output) }
        switch frame {
        case .method(_, let method):
            guard content.isIdle || method.isChannelClose else {
                throw .unexpectedFrame("method amid content", channel: number)
            }
            return try received(method, output: &output)
        case .header(_, let header):
            guard let content = try content.header(header, maxBodySize: maxBodySize, channel: number) else {
                return nil
            }
            return try assembled(content, output: &output)
        case .body(_, let bytes):
            guard let content = try content.piece(bytes, channel: number) else { return nil }
            return try assembled(content, output: &output)
        case .heartbeat:
            return nil
        }
    }

    private mutating func receivedWhileClosing(_ frame: Frame, output: inout FrameWriter) -> Event? {
        guard state == .closing else { return nil }
        switch frame {
        case .method(_, .channelCloseOk):
            return released()
        case .method(_, .channelClose):
            // Both closed at once: the broker waits for our answer, and answers ours too.
            output.writeOwn(Method.Channel.CloseOk(), channel: number)
            return nil
        default:
            return nil
        }
    }

    private mutating func received(
        _ method: Method,
        output: inout FrameWriter
    ) throws(ProtocolViolation) -> Event? {
        switch method {
        case .basicDeliver(let deliver):
            guard let consumer = consumers.consumer(tag: deliver.consumerTag) else {
                throw ProtocolViolation(code: .commandInvalid, message: "delivery for a consumer that there is not")
            }
            content.begin(.deliver(consumer, deliver))
            return nil
        case .basicReturn(let details):
            content.begin(.returned(details))
            return nil
        case .basicGetOk(let getOk):
            // The call is answered once the content is whole.
            try checkReply(method)
            content.begin(.getOk(getOk))
            return nil
        case .basicAck(let ack):
            return try settle(ack.deliveryTag, multiple: ack.multiple, accepted: true)
        case .basicNack(let nack):
            return try settle(nack.deliveryTag, multiple: nack.multiple, accepted: false)
        case .basicCancel(let cancel):
            return cancelled(cancel.consumerTag, output: &output)
        case .channelFlow(let flow):
            isFlowStopped = !flow.active
            output.writeOwn(Method.Channel.FlowOk(active: flow.active), channel: number)
            return .publishingChanged
        case .channelClose(let close):
            output.writeOwn(Method.Channel.CloseOk(), channel: number)
            state = .closed
            return closed(by: close)
        case .basicCancelOk(let cancelOk):
            let caller = try takeReply(method, output: &output)
            consumers.remove(tag: cancelOk.consumerTag)
            return caller.id.map { .replied($0, method) }
        case .txCommitOk, .txRollbackOk:
            let caller = try takeReply(method, output: &output)
            if case .txCommitOk = method { confirms.settleAll(as: .confirmed) } else { confirms.forgetAll() }
            return caller.id.map { .replied($0, method) }
        default:
            return try takeReply(method, output: &output).id.map { .replied($0, method) }
        }
    }

    /// The broker cancelled a consumer, which is cancelled from this side too: RabbitMQ 4.3 keeps one whose delivery was
    /// held for too long, and delivers to it again. Any version answers the cancel of a consumer that is gone.
    private mutating func cancelled(_ tag: String, output: inout FrameWriter) -> Event? {
        guard let consumer = consumers.cancelled(tag: tag) else { return nil }
        if !pending.contains(where: { ($0.method as? Method.Basic.Cancel)?.consumerTag == tag }) {
            let cancel = Method.Basic.Cancel(consumerTag: tag)
            try? call(cancel, caller: PendingReply.Caller(id: nil), deadline: .zero, output: &output)
        }
        return .consumerCancelled(consumer.id)
    }
}

extension Method {
    fileprivate var isChannelClose: Bool {
        if case .channelClose = self { true } else { false }
    }
}

extension FrameWriter {
    /// Writes a method without text of the user's, which fits any frame.
    mutating func writeOwn(_ method: some MethodArguments, channel: UInt16) {
        do throws(WireError) {
            try write(method, channel: channel)
        } catch {
            assertionFailure("\(error)")
        }
    }
}
