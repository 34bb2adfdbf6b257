import NIOCore

/// Lets time pass between reads of a socket that come in quick succession, so that one brings what several would have.
///
/// A broker sends deliveries and confirms as they come, one or two a packet, and each read wakes the event loop, whatever
/// else it has to wake, and the next write. Where reads are rare, or bring much, they are not held up.
final class ReadPacer: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// A read of so many bytes is worth its price.
    private static let plenty = 65_536

    private let interval: TimeAmount
    private var lastRead = NIODeadline.distantPast
    private var isSuccession = false
    private var bytes = 0
    private var isWaiting = false

    init(interval: TimeAmount) {
        self.interval = interval
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        isSuccession = now - lastRead < interval * 2 && bytes < Self.plenty
        lastRead = now
        bytes = 0
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        guard isSuccession else { return context.read() }
        guard !isWaiting else { return }
        isWaiting = true
        context.eventLoop.assumeIsolated().scheduleTask(deadline: lastRead + interval) { [self] in
            isWaiting = false
            context.read()
        }
    }
}
