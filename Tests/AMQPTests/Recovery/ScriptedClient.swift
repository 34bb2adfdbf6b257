import Logging
import NIOPosix

@testable import AMQP

/// A client of a server of the test's own.
enum ScriptedClient {
    /// Runs a client while `body` does.
    static func with(
        _ server: HostileServer,
        publishing: AMQPTopology? = nil,
        consuming: AMQPTopology? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        configure: (inout AMQPConfiguration) -> Void = { _ in },
        onEvent: @escaping @Sendable (AMQPClientEvent) -> Void = { _ in },
        log: @escaping @Sendable (String) -> Void = { _ in },
        _ body: (AMQPClient) async throws -> Void
    ) async throws {
        var configuration = AMQPConfiguration(endpoints: [server.endpoint])
        configure(&configuration)
        let client = try AMQPClient(
            configuration: configuration,
            publishing: publishing,
            consuming: consuming,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            environment: RecoveryEnvironment(sleep: sleep, random: random),
            logger: Logger(label: "test") { _ in Log(line: log) },
            onEvent: onEvent
        )
        let running = Task { await client.run() }
        do {
            try await body(client)
        } catch {
            running.cancel()
            throw error
        }
        await client.close(drainingWithin: .zero)
        await running.value
    }
}

/// Hands each line on, with its metadata.
private struct Log: LogHandler {
    let line: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    func log(event: LogEvent) {
        line("\(event.message) \(event.metadata ?? [:])")
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
