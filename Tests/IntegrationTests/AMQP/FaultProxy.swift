import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A proxy before a broker that reads frames, so that a fault hits an exact point of the dialogue.
final class FaultProxy: Sendable {
    enum Direction: Sendable {
        case toBroker
        case toClient
    }

    /// What happens to a frame, and to all that follows it.
    enum Verdict: Sendable {
        case forward
        /// Kept back, while others pass, until ``FaultProxy/release()``.
        case hold
        /// An orderly end of both sockets, in place of the frame.
        case finish
        /// The frame's first half, then the end of both sockets.
        case finishAmid
        /// RST on both sockets, in place of the frame.
        case reset
        /// From here on nothing passes, either way, and nothing is closed: a cable that is cut.
        case blackHole
        /// From here on nothing passes this way: what is sent fills the sockets.
        case stall
    }

    struct Frame: Sendable {
        var direction: Direction
        var channel: UInt16
        /// Class and method, as 60 and 80 for basic.ack; nil for content, heartbeats and the protocol header.
        var method: (classID: UInt16, methodID: UInt16)?

        func isMethod(_ classID: UInt16, _ methodID: UInt16) -> Bool {
            method.map { $0 == (classID, methodID) } ?? false
        }
    }

    typealias Rule = @Sendable (Frame) -> Verdict

    private struct State {
        var rules: ArraySlice<Rule> = []
        var links: [Link] = []
        var accepted = 0
        var faults = 0
        var held = 0
    }

    private let state = Mutex(State())
    private let brokerPort: Int
    private let loop: any EventLoop

    private init(brokerPort: Int) {
        self.brokerPort = brokerPort
        loop = MultiThreadedEventLoopGroup.singleton.next()
    }

    /// How many connections have come.
    var accepted: Int { state.withLock { $0.accepted } }

    /// How many verdicts were neither to forward nor to hold.
    var faults: Int { state.withLock { $0.faults } }

    /// How many frames were ever held.
    var held: Int { state.withLock { $0.held } }

    /// Judges every frame from now on; the first verdict but to forward or hold ends the rule, and the next one takes over.
    func set(_ rules: Rule...) {
        set(rules)
    }

    func set(_ rules: [Rule]) {
        state.withLock { $0.rules = rules[...] }
    }

    /// Lets go what is held.
    func release() async throws {
        let links = state.withLock { $0.links }
        try await loop.submit { for link in links { link.release() } }.get()
    }

    /// Runs a proxy before the broker at this port.
    static func with<Value>(
        brokerPort: Int,
        _ body: (FaultProxy, _ port: Int) async throws -> Value
    ) async throws -> Value {
        let proxy = FaultProxy(brokerPort: brokerPort)
        let server = try await ServerBootstrap(group: proxy.loop)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { proxy.accept($0) }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = server.localAddress?.port else { throw HarnessError("no port") }
        do {
            let value = try await body(proxy, port)
            try await server.close()
            return value
        } catch {
            try await server.close()
            throw error
        }
    }

    private func accept(_ client: any Channel) -> EventLoopFuture<Void> {
        ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: brokerPort).flatMapThrowing {
            broker in
            let link = Link(client: client, broker: broker) { frame in self.verdict(on: frame) }
            try client.pipeline.syncOperations.addHandler(ProxyHandler(link: link, direction: .toBroker))
            try broker.pipeline.syncOperations.addHandler(ProxyHandler(link: link, direction: .toClient))
            self.state.withLock { state in
                state.links.append(link)
                state.accepted += 1
            }
        }
    }

    private func verdict(on frame: Frame) -> Verdict {
        state.withLock { state in
            guard let rule = state.rules.first else { return .forward }
            let verdict = rule(frame)
            switch verdict {
            case .forward: break
            case .hold: state.held += 1
            default:
                state.rules.removeFirst()
                state.faults += 1
            }
            return verdict
        }
    }
}

/// Two sockets that belong together. Touched on their one event loop only, so that sharing it between threads is safe.
private final class Link: @unchecked Sendable {
    private let client: any Channel
    private let broker: any Channel
    private let judge: (FaultProxy.Frame) -> FaultProxy.Verdict
    private var buffers: [FaultProxy.Direction: ByteBuffer] = [:]
    private var held: [(FaultProxy.Direction, ByteBuffer)] = []
    private var stalled: Set<FaultProxy.Direction> = []

    init(client: any Channel, broker: any Channel, judge: @escaping (FaultProxy.Frame) -> FaultProxy.Verdict) {
        self.client = client
        self.broker = broker
        self.judge = judge
    }

    func received(_ bytes: ByteBuffer, _ direction: FaultProxy.Direction) {
        guard !stalled.contains(direction) else { return }
        buffers[direction, default: ByteBuffer()].writeImmutableBuffer(bytes)
        while !stalled.contains(direction), let (frame, bytes) = nextFrame(direction) {
            carryOut(judge(frame), bytes, direction)
        }
    }

    func ended(_ direction: FaultProxy.Direction) {
        guard stalled.isEmpty else { return }
        client.close(promise: nil)
        broker.close(promise: nil)
    }

    func release() {
        for (direction, bytes) in held { write(bytes, direction) }
        held = []
    }

    private func carryOut(_ verdict: FaultProxy.Verdict, _ bytes: ByteBuffer, _ direction: FaultProxy.Direction) {
        switch verdict {
        case .forward: write(bytes, direction)
        case .hold: held.append((direction, bytes))
        case .finish: ended(direction)
        case .finishAmid:
            write(bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes / 2) ?? bytes, direction)
            ended(direction)
        case .reset:
            for channel in [client, broker] {
                // Closed with linger 0, a socket sends RST.
                let options = channel as? any SocketOptionProvider
                options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
            }
        case .blackHole: stalled = [.toBroker, .toClient]
        case .stall:
            stalled = [direction]
            // The sender notices once the sockets are full.
            (direction == .toBroker ? client : broker).setOption(.autoRead, value: false).whenComplete { _ in }
        }
    }

    private func write(_ bytes: ByteBuffer, _ direction: FaultProxy.Direction) {
        (direction == .toBroker ? broker : client).writeAndFlush(bytes, promise: nil)
    }

    private func nextFrame(_ direction: FaultProxy.Direction) -> (FaultProxy.Frame, ByteBuffer)? {
        guard var buffer = buffers[direction] else { return nil }
        let start = buffer.readerIndex
        if buffer.getInteger(at: start, as: UInt8.self) == UInt8(ascii: "A") {
            guard let header = buffer.readSlice(length: 8) else { return nil }
            buffers[direction] = buffer
            return (FaultProxy.Frame(direction: direction, channel: 0), header)
        }
        guard let type = buffer.getInteger(at: start, as: UInt8.self),
            let channel = buffer.getInteger(at: start + 1, as: UInt16.self),
            let size = buffer.getInteger(at: start + 3, as: UInt32.self),
            let bytes = buffer.readSlice(length: Int(size) + 8)
        else { return nil }
        var frame = FaultProxy.Frame(direction: direction, channel: channel)
        if type == 1, let classID = bytes.getInteger(at: bytes.readerIndex + 7, as: UInt16.self),
            let methodID = bytes.getInteger(at: bytes.readerIndex + 9, as: UInt16.self)
        {
            frame.method = (classID, methodID)
        }
        buffers[direction] = buffer
        return (frame, bytes)
    }
}

private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: Link
    private let direction: FaultProxy.Direction

    init(link: Link, direction: FaultProxy.Direction) {
        self.link = link
        self.direction = direction
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.received(unwrapInboundIn(data), direction)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { link.ended(direction) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        link.ended(direction)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        link.ended(direction)
    }
}
