import NIOCore

/// Ends connections that hold a place and do nothing with it: opened and silent, half a request, or an answer that is
/// not read. Stands behind an `IdleStateHandler` and the HTTP codec, so that only whole parts count as activity.
final class IdleConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
