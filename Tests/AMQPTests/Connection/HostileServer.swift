import NIOCore
import NIOPosix

@testable import AMQP

/// A server on a port of its own that answers with scripted bytes and misbehaves as it is told.
struct HostileServer {
    enum Behaviour: Sendable {
        /// Accepts and says nothing.
        case silent
        /// Hangs up at once.
        case hangsUp
        /// Sends these bytes, one every few milliseconds, again and again.
        case drips([UInt8])
        /// Opens the connection as a broker does, then sends these frames.
        case opens(then: ByteBuffer)
        /// Opens the connection and a channel, then reads no more.
        case stopsReading
        /// Opens and closes in good order, but that what this gives for a channel's method goes out in place of that.
        case answers(@Sendable (_ channel: UInt16, Method) -> ByteBuffer?)
    }

    let channel: any Channel

    var endpoint: AMQPEndpoint {
        AMQPEndpoint(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    static func with<Value>(_ behaviour: Behaviour, _ body: (HostileServer) async throws -> Value) async throws -> Value
    {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(HostileHandler(behaviour))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await body(HostileServer(channel: channel))
            try await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

private final class HostileHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let behaviour: HostileServer.Behaviour
    private var decoder = FrameDecoder(frameMax: .max)
    private var hasSeenHeader = false

    init(_ behaviour: HostileServer.Behaviour) {
        self.behaviour = behaviour
    }

    func channelActive(context: ChannelHandlerContext) {
        switch behaviour {
        case .hangsUp: context.close(promise: nil)
        case .drips(let bytes): drip(bytes, 0, context.channel)
        case .silent, .opens, .stopsReading, .answers: break
        }
    }

    private func drip(_ bytes: [UInt8], _ index: Int, _ channel: any Channel) {
        channel.writeAndFlush(ByteBuffer(bytes: [bytes[index % bytes.count]]), promise: nil)
        channel.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(5)) {
            if channel.isActive { self.drip(bytes, index + 1, channel) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch behaviour {
        case .silent, .hangsUp, .drips: return
        case .opens, .stopsReading, .answers: break
        }
        if !hasSeenHeader {
            hasSeenHeader = true
            bytes.moveReaderIndex(forwardBy: 8)
            send(Method.Connection.Start(versionMajor: 0, versionMinor: 9, mechanisms: "PLAIN", locales: ""), context)
        }
        decoder.append(bytes)
        while let frame = try? decoder.next() {
            guard case .method(let channel, let method) = frame else { continue }
            answer(method, on: channel, context)
        }
    }

    private func answer(_ method: Method, on channel: UInt16, _ context: ChannelHandlerContext) {
        if case .answers(let answer) = behaviour {
            if let bytes = answer(channel, method) { return context.writeAndFlush(NIOAny(bytes), promise: nil) }
            switch method {
            case .channelClose: return send(Method.Channel.CloseOk(), context, on: channel)
            case .connectionClose: return send(Method.Connection.CloseOk(), context)
            default: break
            }
        }
        switch method {
        case .connectionStartOk:
            send(Method.Connection.Tune(channelMax: 0, frameMax: 0, heartbeat: 0), context)
        case .connectionOpen:
            send(Method.Connection.OpenOk(), context)
            if case .opens(let frames) = behaviour { context.writeAndFlush(NIOAny(frames), promise: nil) }
        case .channelOpen: send(Method.Channel.OpenOk(), context, on: channel)
        case .confirmSelect:
            send(Method.Confirm.SelectOk(), context, on: channel)
            if case .stopsReading = behaviour { try? context.channel.syncOptions?.setOption(.autoRead, value: false) }
        default: break
        }
    }

    private func send(_ method: some MethodArguments, _ context: ChannelHandlerContext, on channel: UInt16 = 0) {
        context.writeAndFlush(NIOAny(ByteBuffer.method(method, on: channel)), promise: nil)
    }
}

extension HostileServer.Behaviour {
    /// Sends a consumer three deliveries without a body at once, and answers its prefetch, consume and cancel.
    static var delivers: Self {
        .answers { channel, method in
            switch method {
            case .basicQos: return .method(Method.Basic.QosOk(), on: channel)
            case .basicCancel(let cancel):
                return .method(Method.Basic.CancelOk(consumerTag: cancel.consumerTag), on: channel)
            case .basicConsume(let consume):
                let tag = consume.consumerTag
                var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
                for number in 1...3 as ClosedRange<UInt64> {
                    bytes.writeImmutableBuffer(.delivery(number, to: tag, on: channel))
                }
                return bytes
            default: return nil
            }
        }
    }

    /// Tells of connection.close, and does not answer it.
    static func leavesCloseUnanswered(_ told: @escaping @Sendable () -> Void) -> Self {
        .answers { _, method in
            guard case .connectionClose = method else { return nil }
            told()
            return ByteBuffer()
        }
    }

    /// Closes each channel instead of opening it.
    static var refusesChannels: Self {
        .answers { channel, method in
            guard case .channelOpen = method else { return nil }
            let close = Method.Channel.Close(replyCode: 406, replyText: "no", classID: 20, methodID: 10)
            return .method(close, on: channel)
        }
    }
}

extension ByteBuffer {
    /// The answer to queue.declare, of an empty queue.
    static func declareOk(_ queue: String, on channel: UInt16) -> ByteBuffer {
        .method(Method.Queue.DeclareOk(queue: queue, messageCount: 0, consumerCount: 0), on: channel)
    }

    /// basic.deliver of a message without a body.
    static func delivery(_ number: UInt64, to tag: String, on channel: UInt16, size: UInt64 = 0) -> ByteBuffer {
        let deliver = Method.Basic.Deliver(consumerTag: tag, deliveryTag: number, exchange: "", routingKey: "q")
        var bytes = ByteBuffer.method(deliver, on: channel)
        bytes.writeImmutableBuffer(.contentHeader(size: size, channel: channel))
        return bytes
    }

    static func method(_ method: some MethodArguments, on channel: UInt16) -> ByteBuffer {
        var bytes = ByteBuffer()
        try? bytes.writeMethod(method, channel: channel, frameMax: .max)
        return bytes
    }
}
