public import Logging
public import NIOCore
import NIOPosix
import NIOSSL

extension AMQPConnection {
    /// Opens a connection. Where the configuration has a provider of tokens, it is asked first.
    ///
    /// - Parameters:
    ///   - endpoint: the broker, with credentials, virtual host and TLS.
    ///   - address: one address of the endpoint's host; nil tries what its name resolves to.
    ///   - configuration: how to behave there; what the endpoint says for itself wins.
    ///   - eventLoop: where everything of the connection happens.
    ///   - logger: gets what is worth a line, at debug and warning.
    ///   - onEvent: what happens later, called on the event loop; `closed` comes once, and last.
    /// - Throws: ``AMQPError``; its code says which step failed, its message what to do.
    public static func connect(
        to endpoint: AMQPEndpoint,
        address: SocketAddress? = nil,
        configuration: AMQPConfiguration = AMQPConfiguration(),
        eventLoop: any EventLoop,
        logger: Logger,
        onEvent: @escaping @Sendable (AMQPConnectionEvent) -> Void = { _ in }
    ) async throws(AMQPError) -> AMQPConnection {
        let configuration = configuration.resolved(for: endpoint)
        let asked = now
        let token = try await configuration.token(for: endpoint)
        let endpoint = endpoint.with(token)
        let deadline = now + configuration.handshakeTimeout
        let tlsContext = try await endpoint.tls?.makeContext()
        let connection = AMQPConnection(
            endpoint: endpoint,
            configuration: configuration,
            eventLoop: eventLoop,
            deadline: deadline,
            tokenRenewal: token.map { TokenRenewal(lifetime: $0.lifetime, askedAt: asked) },
            logger: logger,
            onEvent: onEvent
        )
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 128 << 10, high: 512 << 10))
            .connectTimeout(TimeAmount(min(configuration.connectTimeout, configuration.handshakeTimeout)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if configuration.readInterval > .zero {
                        let pacer = ReadPacer(interval: TimeAmount(configuration.readInterval))
                        try channel.pipeline.syncOperations.addHandler(pacer)
                    }
                    if let tls = endpoint.tls, let tlsContext {
                        try tls.install(in: channel.pipeline.syncOperations, context: tlsContext, endpoint: endpoint)
                    }
                    try channel.pipeline.syncOperations.addHandler(SocketHandler(connection: connection))
                }
            }
        let socket: any Channel
        do {
            socket = try await connected(
                address.map(bootstrap.connect(to:))
                    ?? bootstrap.connect(host: endpoint.host, port: endpoint.port),
                orCancelled: eventLoop.makePromise()
            )
        } catch {
            throw connectError(error, endpoint, configuration)
        }
        try await connection.open(on: socket)
        return connection
    }

    /// NIO hears of no cancelled task: whichever of the two comes first is waited for.
    private static func connected(
        _ connecting: EventLoopFuture<any Channel>,
        orCancelled first: EventLoopPromise<any Channel>
    ) async throws -> any Channel {
        connecting.cascade(to: first)
        // What opens later is nobody's.
        first.futureResult.whenFailure { _ in connecting.whenSuccess { $0.close(promise: nil) } }
        return try await withTaskCancellationHandler {
            try await first.futureResult.get()
        } onCancel: {
            first.fail(AMQPError.cancelledConnect)
        }
    }

    /// Opens a connection, runs `body` and closes the connection, whatever `body` does.
    ///
    /// - Throws: ``AMQPError`` where the connection can't be opened, or what `body` throws.
    public static func withConnection<Result>(
        to endpoint: AMQPEndpoint,
        configuration: AMQPConfiguration = AMQPConfiguration(),
        eventLoop: any EventLoop,
        logger: Logger,
        _ body: (AMQPConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await connect(
            to: endpoint,
            configuration: configuration,
            eventLoop: eventLoop,
            logger: logger
        )
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    private func open(on socket: any Channel) async throws(AMQPError) {
        self.socket = socket
        changed()
        let result: Result<Void, AMQPError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if machine.state == .closed {
                    continuation.resume(returning: .failure(machine.closedError))
                } else {
                    openWaiter = continuation
                }
            }
        } onCancel: {
            eventLoop.execute {
                self.assumeIsolated { connection in
                    guard connection.openWaiter != nil else { return }
                    connection.machine.fail(.cancelledConnect)
                    connection.changed()
                }
            }
        }
        try result.get()
    }

    private static func connectError(
        _ error: any Error,
        _ endpoint: AMQPEndpoint,
        _ configuration: AMQPConfiguration
    ) -> AMQPError {
        if let error = error as? AMQPError { return error }
        if case .connectTimeout = error as? ChannelError {
            let message = "no answer within \(configuration.connectTimeout)"
            return AMQPError(.connectTimedOut, message, endpoint: endpoint.address)
        }
        if let error = error as? NIOConnectionError, error.connectionErrors.isEmpty {
            let message = "the host's name '\(endpoint.host)' has no address"
            return AMQPError(.nameResolutionFailed, message, endpoint: endpoint.address, underlying: error)
        }
        let cause = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
        return AMQPError(.connectFailed, "the broker can't be reached", endpoint: endpoint.address, underlying: cause)
    }
}

extension AMQPError {
    fileprivate static var cancelledConnect: AMQPError {
        AMQPError(.cancelled, "the task that connected was cancelled")
    }
}

extension AMQPEndpoint {
    fileprivate func with(_ token: AMQPToken?) -> AMQPEndpoint {
        var endpoint = self
        if let token { endpoint.credentials.password = token.secret }
        return endpoint
    }
}
