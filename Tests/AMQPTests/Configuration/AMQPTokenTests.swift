import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import AMQP

@Suite("AMQPToken", .timeLimit(.minutes(5)))
struct AMQPTokenTests {
    private struct NoToken: Error {}

    private func configuration(
        _ provider: @escaping @concurrent @Sendable (AMQPEndpoint) async throws -> AMQPToken
    ) -> AMQPConfiguration {
        // Port 1 can't be connected to.
        var configuration = AMQPConfiguration(endpoints: [AMQPEndpoint(host: "127.0.0.1", port: 1)])
        configuration.tokenProvider = provider
        return configuration
    }

    private func failure(_ configuration: AMQPConfiguration) async -> AMQPError? {
        do throws(AMQPError) {
            _ = try await AMQPConnection.connect(
                to: configuration.endpoints[0],
                configuration: configuration,
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            return nil
        } catch {
            return error
        }
    }

    @Test("a provider that fails is the reason why there is no connection")
    func failing() async {
        let error = await failure(configuration { _ in throw NoToken() })
        #expect(error?.code == .tokenUnavailable)
        #expect(error?.endpoint == "127.0.0.1:1")
        #expect(error?.underlying is NoToken)
    }

    @Test("a provider that does not answer is cancelled when the handshake's time is over")
    func silent() async {
        var configuration = configuration { _ in
            try await Task.sleep(for: .seconds(3600))
            throw NoToken()
        }
        configuration.handshakeTimeout = .milliseconds(20)
        let error = await failure(configuration)
        #expect(error?.code == .tokenUnavailable)
        #expect(error?.message.contains("within") == true)
    }

    @Test("the provider is asked for each endpoint before anything goes there, and anew at each try")
    func rounds() async throws {
        let asked = Mutex<[Int]>([])
        var configuration = configuration { endpoint in
            asked.withLock { $0.append(endpoint.port) }
            return AMQPToken(AMQPSecret("t"))
        }
        configuration.endpoints.append(AMQPEndpoint(host: "127.0.0.1", port: 2))
        let client = try AMQPClient(
            configuration: configuration,
            publishing: AMQPTopology(),
            consuming: nil,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            environment: RecoveryEnvironment(sleep: { _ in await Task.yield() }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onEvent: { _ in }
        )
        let running = Task { await client.run() }
        var failures = 0
        for await event in client.events {
            if case .connectFailed = event { failures += 1 }
            if failures == 4 { break }
        }
        await client.close()
        await running.value
        #expect(asked.withLock { Array($0.prefix(4)) } == [1, 2, 1, 2])
    }

    @Test("its text shows nothing of it")
    func secrecy() {
        let token = AMQPToken(AMQPSecret("hunter2"), lifetime: .seconds(1))
        var text = "\(token) \(String(reflecting: token))"
        dump(token, to: &text)
        #expect(!text.contains("hunter2"))
    }
}
