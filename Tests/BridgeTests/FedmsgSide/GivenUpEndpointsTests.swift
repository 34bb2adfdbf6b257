import NIOCore
import Settings
import Spool
import Synchronization
import Testing
import ZeroMQ

@testable import Bridge

/// Real publishers, of which libzmq gives up those that send a frame over the limit.
@Suite("Endpoints that libzmq gives up", .timeLimit(.minutes(2)))
struct GivenUpEndpointsTests {
    private static let limit = 1000

    /// A side, its log, publishers that are bound, and which of them are heard.
    private final class Scene: Sendable {
        let side: FedmsgSide
        let context: ZeroMQContext
        let recorder = LineRecorder()
        let publishers: [Publisher]
        let endpoints: [String]
        private let heard: Heard

        private final class Heard: Sendable {
            let payloads = Mutex<Set<String>>([])
        }

        /// - Parameter connected: to how many of the publishers the side connects.
        init(publishers count: Int, connected: Int) async throws {
            context = try ZeroMQContext()
            publishers = try (0..<count).map { _ in try Publisher(in: ZeroMQContext()) }
            var endpoints: [String] = []
            for publisher in publishers { endpoints.append(try await publisher.open(at: "tcp://127.0.0.1:*")) }
            self.endpoints = endpoints
            let heard = Heard()
            self.heard = heard
            side = try FedmsgSide(in: context, Self.configuration(endpoints.prefix(connected)), logger: recorder.logger)
            {
                batch in
                let payloads = (0..<batch.count).map { String(buffer: batch[$0].payload) }
                heard.payloads.withLock { $0.formUnion(payloads) }
            }
            try await side.open()
        }

        static func configuration(_ endpoints: some Sequence<String>) -> BridgeConfiguration {
            var configuration = BridgeConfiguration.receiving()
            configuration.toAMQP.zmqEndpoints = Array(endpoints)
            configuration.toAMQP.maxMessageBytes = GivenUpEndpointsTests.limit
            return configuration
        }

        /// Returns once something arrives that each of the first so many publishers sends from now on.
        func hear(_ count: Int, _ round: Int) async throws {
            let expected = Set((0..<count).map { "\(round) of \($0)" })
            try await until {
                for (number, publisher) in self.publishers.prefix(count).enumerated() {
                    try await publisher.send("\(round) of \(number)")
                }
                return self.heard.payloads.withLock { expected.isSubset(of: $0) }
            }
        }

        /// Returns once libzmq gave up the first so many publishers, and the side has connected again to each so many times.
        func giveUp(_ count: Int, times: Int) async throws {
            for publisher in publishers.prefix(count) {
                try await publisher.send(frames: 1, of: GivenUpEndpointsTests.limit + 1)
            }
            try await until { self.reconnects(among: count).allSatisfy { $0 >= times } }
        }

        func reconnects(among count: Int) -> [Int] {
            endpoints.prefix(count).map { endpoint in
                recorder.lines.count { $0.message == "connecting again" && $0.endpoint == endpoint }
            }
        }

        func until(_ condition: () async throws -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while try await !condition() {
                try #require(ContinuousClock.now < deadline)
                await withCheckedContinuation { turn in
                    side.thread.schedule(after: .milliseconds(1)) { turn.resume() }
                }
            }
        }

        func end() async throws {
            await side.stop()
            _ = try await context.terminate(within: .seconds(5))
            for publisher in publishers { await publisher.close() }
        }
    }

    @Test("Those that are given up together are all there again")
    func together() async throws {
        let scene = try await Scene(publishers: 3, connected: 3)
        try await scene.hear(3, 0)
        for round in 1...3 {
            try await scene.giveUp(3, times: round)
            try await scene.hear(3, round)
        }
        try await scene.end()
    }

    @Test("One that a reload adds while others are given up stays when these are connected again")
    func added() async throws {
        let scene = try await Scene(publishers: 3, connected: 2)
        try await scene.hear(2, 0)
        for publisher in scene.publishers.prefix(2) { try await publisher.send(frames: 1, of: Self.limit + 1) }
        try await scene.until {
            // On a busy machine the second that they stay away for may be over.
            await scene.side.publishers.count == 0 || scene.reconnects(among: 2) != [0, 0]
        }
        try await scene.side.change(to: Scene.configuration(scene.endpoints))
        // Also where the second of them was not yet told as given up by then.
        try await scene.until { scene.reconnects(among: 2).allSatisfy { $0 >= 1 } }
        await withCheckedContinuation { turn in scene.side.thread.schedule(after: .seconds(1)) { turn.resume() } }
        try await scene.hear(3, 1)
        try await scene.end()
    }
}
