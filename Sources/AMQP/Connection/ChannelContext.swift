import DequeModule
import NIOCore

/// Who waits for what on a channel. Lives on the connection's event loop, and decides nothing about the protocol.
final class ChannelContext {
    let channel: AMQPChannel
    let handlers: AMQPChannelHandlers
    var window: PublishWindow

    /// Publishes that wait for room, in order.
    var queue: Deque<QueuedPublish> = []
    /// Who wants to hear of a publish that went out, by its number.
    var waiters: [UInt64: PublishWaiter] = [:]
    /// Whether somebody saw that there is no room, and is to be told when there is.
    var wantsRoom = false

    var consumers: [UInt64: ConsumerContext] = [:]
    /// Deliveries of one read for one consumer.
    var arrived: [AMQPDelivery] = []
    var arrivedFor: UInt64 = 0
    /// Whether any delivery was settled.
    var hasSettled = false
    var isChanged = false
    var isClosed = false

    init(channel: AMQPChannel, handlers: AMQPChannelHandlers, window: PublishWindow) {
        self.channel = channel
        self.handlers = handlers
        self.window = window
    }
}

/// Who gets what a consumer receives.
final class ConsumerContext {
    let tag: String
    let needsSettlement: Bool
    let handlers: AMQPConsumerHandlers
    var isCancelling = false

    init(tag: String, needsSettlement: Bool, handlers: AMQPConsumerHandlers) {
        self.tag = tag
        self.needsSettlement = needsSettlement
        self.handlers = handlers
    }
}

/// What a synchronous method was answered.
enum CallReply {
    case method(Method)
    case got(AMQPDelivery, messageCount: UInt32)
}

typealias CallResult = Result<CallReply, AMQPError>
