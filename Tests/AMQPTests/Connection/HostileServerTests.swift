import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import AMQP

@Suite("AMQPConnection and a hostile server", .timeLimit(.minutes(5)))
struct HostileServerTests {
    private func connect(
        to server: HostileServer,
        _ configure: (inout AMQPConfiguration) -> Void = { _ in }
    ) async throws(AMQPError) -> AMQPConnection {
        var configuration = AMQPConfiguration()
        configuration.handshakeTimeout = .seconds(30)
        configure(&configuration)
        return try await AMQPConnection.connect(
            to: server.endpoint,
            configuration: configuration,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "test")
        )
    }

    @Test(
        "one that does not come to the point is left with an error that says how far it came",
        arguments: [
            (HostileServer.Behaviour.silent, AMQPError.Code.handshakeTimedOut),
            (.hangsUp, .connectionLost),
            // A frame of 2 kB that never gets whole.
            (.drips([1, 0, 0, 0, 0, 8, 0]), .handshakeTimedOut),
            // Heartbeats without end are life, and no handshake.
            (.drips([8, 0, 0, 0, 0, 0, 0, 206]), .handshakeTimedOut),
            (.drips(Array("HTTP/1.1 400 Bad Request".utf8)), .protocolViolation),
            (.drips(Array("AMQP".utf8) + [0, 1, 0, 0]), .protocolNotSupported),
        ]
    )
    func handshake(behaviour: HostileServer.Behaviour, code: AMQPError.Code) async throws {
        try await HostileServer.with(behaviour) { server in
            let error = await #expect(throws: AMQPError.self) {
                try await connect(to: server) {
                    if code == .handshakeTimedOut { $0.handshakeTimeout = .seconds(3) }
                }
            }
            #expect(error?.code == code)
        }
    }

    @Test("one that is not there is named, reached by its name or by an address", arguments: [false, true])
    func nobody(byAddress: Bool) async throws {
        // Bound, so that nobody else gets it, and not listening.
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            #expect(bind(socket, address, size) == 0)
            #expect(getsockname(socket, address, &size) == 0)
        }
        let endpoint = AMQPEndpoint(host: "127.0.0.1", port: Int(UInt16(bigEndian: address.sin_port)))
        let error = await #expect(throws: AMQPError.self) {
            try await AMQPConnection.connect(
                to: endpoint,
                address: byAddress ? SocketAddress(ipAddress: endpoint.host, port: endpoint.port) : nil,
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "test")
            )
        }
        #expect(error?.code == .connectFailed)
        #expect(error?.endpoint == endpoint.address)
        #expect(error?.description.hasSuffix("(Connection refused)") == true)
    }

    @Test("a queue or exchange that somebody else makes is looked for and not declared", arguments: [true, false])
    func expected(isExpected: Bool) async throws {
        let (declares, newDeclares) = AsyncStream.makeStream(of: Bool.self)
        let answers = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .exchangeDeclare(let declare):
                newDeclares.yield(declare.passive)
                return .method(Method.Exchange.DeclareOk(), on: channel)
            case .queueDeclare(let declare):
                newDeclares.yield(declare.passive)
                return .declareOk(declare.queue, on: channel)
            default: return nil
            }
        }
        try await HostileServer.with(answers) { server in
            let connection = try await connect(to: server)
            let channel = try await connection.openChannel(confirms: false)
            try await channel.declare(AMQPExchange("e", isExpected: isExpected))
            try await channel.declare(AMQPQueue("q", isExpected: isExpected))
            await connection.close()
        }
        newDeclares.finish()
        #expect(await declares.reduce(into: []) { $0.append($1) } == [isExpected, isExpected])
    }

    @Test("a connect that nobody answers ends with its task")
    func cancelledConnect() async throws {
        // One that nobody accepts takes its place in the backlog, and the kernel drops what comes after it.
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 0)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(listener.localAddress)
        let first = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(to: address).get()
        let server = HostileServer(channel: listener)
        let connecting = Task {
            try await connect(to: server) {
                $0.connectTimeout = .seconds(3600)
                $0.handshakeTimeout = .seconds(3600)
            }
        }
        connecting.cancel()
        let error = await #expect(throws: AMQPError.self) { try await connecting.value }
        #expect(error?.code == .cancelled)
        try await first.close()
        try await listener.close()
    }

    @Test("frames that no broker may send end the open connection with an error, and all that waits on it")
    func violation() async throws {
        let frames = ByteBuffer.frame(9, channel: 0, payload: ByteBuffer())
        try await HostileServer.with(.opens(then: frames)) { server in
            let connection = try await connect(to: server)
            let error = await connection.closed()
            #expect(error.code == .protocolViolation)
            let late = await #expect(throws: AMQPError.self) { try await connection.openChannel() }
            #expect(late?.code == .protocolViolation)
        }
    }

    @Test("one that answers no call leaves its caller with an error, and close has an end")
    func noAnswers() async throws {
        try await HostileServer.with(.opens(then: ByteBuffer())) { server in
            let connection = try await connect(to: server) {
                $0.replyTimeout = .seconds(2)
                $0.closeTimeout = .milliseconds(100)
            }
            let channel = try await connection.openChannel()
            let error = await #expect(throws: AMQPError.self) { try await channel.purge("q") }
            #expect(error?.code == .replyTimedOut)
            let unclosed = await #expect(throws: AMQPError.self) { try await channel.close() }
            #expect(unclosed?.code == .replyTimedOut)
            await connection.close()
            #expect(await connection.failure?.code == .connectionClosed)
        }
    }

    @Test("a task that is cancelled before it calls waits for no reply")
    func cancelledBefore() async throws {
        try await HostileServer.with(.answers { _, _ in nil }) { server in
            let connection = try await connect(to: server) { $0.replyTimeout = .seconds(3600) }
            let channel = try await connection.openChannel(confirms: false)
            let calling = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await #expect(throws: AMQPError.self) { try await channel.setPrefetch(1) }
            }
            #expect(await calling.value?.code == .cancelled)
            await connection.close()
        }
    }

    @Test("a consumer's tag is its user's choice: an empty one, for which the broker would choose, is refused")
    func emptyTag() async throws {
        try await HostileServer.with(.answers { _, _ in nil }) { server in
            let connection = try await connect(to: server)
            let channel = try await connection.openChannel(confirms: false)
            let error = await #expect(throws: AMQPError.self) {
                try await channel.consume("q", tag: "", handlers: AMQPConsumerHandlers(deliveries: { _ in }))
            }
            #expect(error?.code == .invalidArgument)
            await connection.close()
        }
    }

    @Test("a consumer that ends while nothing is read, as it holds too much, hears that it is cancelled")
    func endsWhileFull() async throws {
        try await HostileServer.with(.delivers) { server in
            let connection = try await connect(to: server) {
                $0.replyTimeout = .seconds(3600)
                $0.limits.maxBufferedDeliveryBytes = 1
            }
            let channel = try await connection.openChannel(confirms: false)
            try await channel.withConsumer("q") { deliveries in
                for try await _ in deliveries { break }
            }
            // What was taken is left to who took it, the others went back.
            #expect(try await channel.eventLoop.submit { channel.unsettledDeliveries }.get() == 1)
            await connection.close()
        }
    }

    @Test("one that cancels a consumer and delivers on, as RabbitMQ 4.3 after a consumer timeout, gets that back")
    func deliversAfterCancel() async throws {
        let (ends, newEnds) = AsyncStream.makeStream(of: String.self)
        let server = HostileServer.Behaviour.answers { channel, method in
            switch method {
            case .basicConsume(let consume):
                let tag = consume.consumerTag
                var bytes = ByteBuffer.method(Method.Basic.ConsumeOk(consumerTag: tag), on: channel)
                bytes.writeImmutableBuffer(.delivery(1, to: tag, on: channel))
                bytes.writeImmutableBuffer(.method(Method.Basic.Cancel(consumerTag: tag, noWait: true), on: channel))
                return bytes
            case .basicAck: return .delivery(2, to: "c", on: channel)
            case .basicNack(let nack):
                newEnds.yield("\(nack.deliveryTag) back: \(nack.requeue)")
                return .method(Method.Basic.CancelOk(consumerTag: "c"), on: channel)
            case .basicCancel: return ByteBuffer()
            case .connectionClose:
                newEnds.yield("closed")
                return nil
            default: return nil
            }
        }
        try await HostileServer.with(server) { server in
            let connection = try await connect(to: server)
            let channel = try await connection.openChannel(confirms: false)
            let error = await #expect(throws: AMQPError.self) {
                try await channel.withConsumer("q", tag: "c") { deliveries in
                    var iterator = deliveries.makeAsyncIterator()
                    let delivery = try #require(try await iterator.next())
                    try await delivery.ack()
                    #expect(await ends.first { _ in true } == "2 back: true")
                    _ = try await iterator.next()
                }
            }
            #expect(error?.code == .consumerCancelledByBroker)
            await connection.close()
        }
    }

    @Test("one that stops reading stops publishing: what waits is bounded by the window, and is not sent at the end")
    func stopsReading() async throws {
        try await HostileServer.with(.stopsReading) { server in
            let connection = try await connect(to: server) { $0.closeTimeout = .milliseconds(100) }
            let channel = try await connection.openChannel(window: PublishWindow(messages: 10, bytes: 64 << 20))
            let message = AMQPMessage(routingKey: "k", body: ByteBuffer(repeating: 0, count: 4 << 20))
            async let results = channel.publish(contentsOf: Array(repeating: message, count: 20))
            while try await channel.eventLoop.submit({ channel.syncOperations.room() }).get() > 0 { await Task.yield() }
            let extra = Task { try await channel.submit(message) }
            extra.cancel()
            let cancelled = await #expect(throws: PublishError.self) { try await extra.value }
            guard case .notSent(let reason) = cancelled else { throw try #require(cancelled) }
            #expect(reason.code == .cancelled)
            await connection.close()
            var unknown = 0
            var notSent = 0
            for result in await results {
                switch result {
                case .failure(.outcomeUnknown): unknown += 1
                case .failure(.notSent): notSent += 1
                default: Issue.record("\(result)")
                }
            }
            #expect(unknown + notSent == 20)
            #expect((1...10).contains(unknown))
        }
    }

    @Test("on the event loop nothing goes out for which there is no room")
    func withoutRoom() async throws {
        try await HostileServer.with(.stopsReading) { server in
            let connection = try await connect(to: server) { $0.closeTimeout = .milliseconds(100) }
            let channel = try await connection.openChannel(window: PublishWindow(messages: 3))
            let message = AMQPMessage(routingKey: "k", body: ByteBuffer())
            try await channel.eventLoop.submit {
                let operations = channel.syncOperations
                #expect(operations.room() == 3)
                #expect(try operations.publish(message) == 1)
                let batch = try operations.publish(contentsOf: [message, message, message])
                #expect(batch.numbers == 2..<4)
                #expect(batch.taken == 2)
                #expect(try operations.publish(message) == nil)
                #expect(operations.room() == 0)
            }.get()
            await connection.close()
        }
    }

    @Test("a channel that was opened without confirms refuses whoever publishes, and lets nobody wait")
    func withoutConfirms() async throws {
        try await HostileServer.with(.answers { _, _ in nil }) { server in
            let connection = try await connect(to: server)
            let channel = try await connection.openChannel(confirms: false)
            let message = AMQPMessage(routingKey: "k", body: ByteBuffer())
            var errors: [PublishError?] = []
            errors.append(await #expect(throws: PublishError.self) { try await channel.publish(message) })
            errors.append(await #expect(throws: PublishError.self) { _ = try await channel.submit(message) })
            for result in await channel.publish(contentsOf: [message, message]) {
                errors.append(#expect(throws: PublishError.self) { try result.get() })
            }
            for error in errors {
                guard case .notSent(let cause) = error else { throw try #require(error) }
                #expect(cause.code == .invalidArgument)
            }
            let one = await #expect(throws: AMQPError.self) {
                _ = try await channel.eventLoop.submit { try channel.syncOperations.publish(message) }.get()
            }
            #expect(one?.code == .invalidArgument)
            let batch = await #expect(throws: AMQPError.self) {
                try await channel.eventLoop.submit { try channel.syncOperations.publish(contentsOf: [message]) }.get()
            }
            #expect(batch?.code == .invalidArgument)
            await connection.close()
        }
    }

    @Test("a cancelled task waits for the end of a connection no longer, and that goes on")
    func cancelledWait() async throws {
        try await HostileServer.with(.answers { _, _ in nil }) { server in
            let connection = try await connect(to: server)
            let waiting = Task { await connection.closed() }
            await Task.yield()
            waiting.cancel()
            #expect(await waiting.value.code == .cancelled)
            #expect(await connection.failure == nil)
            await connection.close()
        }
    }

    @Test("a task that is cancelled as it begins to publish sends nothing, and waits for nothing")
    func cancelledAtOnce() async throws {
        try await HostileServer.with(.stopsReading) { server in
            let connection = try await connect(to: server) { $0.closeTimeout = .milliseconds(100) }
            let channel = try await connection.openChannel()
            let message = AMQPMessage(routingKey: "k", body: ByteBuffer())
            for way in WayToPublish.allCases {
                let publishing = await connection.cancelInNextTurn(publishing: message, way, on: channel)
                let error = await publishing.value
                guard case .notSent(let reason)? = error else { throw try #require(error) }
                #expect(reason.code == .cancelled)
            }
            await connection.close()
        }
    }

    @Test("a cancelled task that publishes many hears of each: those that wait are not sent, the others unknown")
    func cancelledGroup() async throws {
        try await HostileServer.with(.stopsReading) { server in
            let connection = try await connect(to: server) { $0.closeTimeout = .milliseconds(100) }
            let channel = try await connection.openChannel(window: PublishWindow(messages: 3))
            let message = AMQPMessage(routingKey: "k", body: ByteBuffer())
            let task = Task { await channel.publish(contentsOf: Array(repeating: message, count: 10)) }
            while try await channel.eventLoop.submit({ channel.syncOperations.room() }).get() > 0 { await Task.yield() }
            task.cancel()
            let outcomes = await task.value.map { result in
                switch result {
                case .failure(.outcomeUnknown(let error)): "unknown \(error.code)"
                case .failure(.notSent(let error)): "not sent \(error.code)"
                default: "\(result)"
                }
            }
            let expected =
                Array(repeating: "unknown cancelled", count: 3) + Array(repeating: "not sent cancelled", count: 7)
            #expect(outcomes == expected)
            await connection.close()
        }
    }
}

private enum WayToPublish: CaseIterable {
    case one
    case receipt
    case many
}

extension AMQPConnection {
    /// A task that begins in this turn of the event loop to publish, and is cancelled in the next one.
    fileprivate func cancelInNextTurn(
        publishing message: AMQPMessage,
        _ way: WayToPublish,
        on channel: AMQPChannel
    ) -> Task<PublishError?, Never> {
        let task = Task {
            assertIsolated()
            do throws(PublishError) {
                switch way {
                case .one: try await channel.publish(message)
                case .receipt: _ = try await channel.submit(message)
                case .many: for result in await channel.publish(contentsOf: [message]) { try result.get() }
                }
                return nil as PublishError?
            } catch {
                return error
            }
        }
        eventLoop.execute { task.cancel() }
        return task
    }
}
