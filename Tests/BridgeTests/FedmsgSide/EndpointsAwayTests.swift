import Settings
import Synchronization
import Testing
import ZeroMQ

@testable import Bridge

/// Real sockets, to publishers that are not there.
@Suite("Endpoints that are away")
struct EndpointsAwayTests {
    private final class MovedClock: Clocks {
        private let time = Mutex<UInt64>(0)
        let now: Int64 = 0
        var uptime: UInt64 { time.withLock { $0 } }

        func move(by duration: Duration) {
            time.withLock { $0 += duration.nanoseconds }
        }
    }

    @Test("One of several that was never there is warned of after ten minutes; one alone is a reason, and no warning")
    func neverThere() async throws {
        let context = try ZeroMQContext()
        let clock = MovedClock()
        let board = StatusBoard { 0 }
        // Nobody listens on the discard port.
        var configuration = BridgeConfiguration.receiving(from: "tcp://127.0.0.1:9", "tcp://127.0.0.2:9")
        let side = try FedmsgSide(in: context, configuration, board: board, clock: clock)
        func warnings() async -> [String] {
            await side.reportEndpoints()
            return board.snapshot().warnings.map(\.text)
        }
        try await side.open()
        #expect(board.snapshot().reasons.map(\.code) == ["not_connected"])
        clock.move(by: .seconds(599))
        #expect(await warnings() == [])
        clock.move(by: .seconds(1))
        #expect(await warnings().count == 1)
        #expect(board.snapshot().warnings.map(\.code) == ["endpoint_away"])

        configuration.toAMQP.zmqEndpoints = ["tcp://127.0.0.1:9"]
        try await side.change(to: configuration)
        #expect(await warnings() == [])
        configuration.toAMQP.zmqEndpoints = ["tcp://127.0.0.1:9", "tcp://127.0.0.3:9"]
        try await side.change(to: configuration)
        #expect(await warnings().first?.hasPrefix("tcp://127.0.0.1:9 has been away") == true)
        clock.move(by: .seconds(600))
        configuration.toAMQP.zmqEndpoints = ["tcp://127.0.0.3:9", "tcp://127.0.0.4:9"]
        try await side.change(to: configuration)
        #expect(await warnings().first?.hasPrefix("tcp://127.0.0.3:9 has been away") == true)
        await side.stop()
        _ = try await context.terminate(within: .seconds(5))
    }

    @Test("One that is in the list twice is reported as any other when it goes", .timeLimit(.minutes(5)))
    func twice() async throws {
        let context = try ZeroMQContext()
        let board = StatusBoard { 0 }
        let publisher = try Publisher(in: ZeroMQContext())
        let endpoint = try await publisher.open(at: "tcp://127.0.0.1:*")
        let side = try FedmsgSide(in: context, .receiving(from: endpoint, endpoint), board: board)
        try await side.open()
        await publisher.subscribed()
        func until(_ isConnected: Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(30)
            while board.snapshot().reasons.isEmpty != isConnected {
                try #require(ContinuousClock.now < deadline)
                await Task.yield()
            }
        }
        try await until(true)
        try await publisher.publishAndEnd(0)
        try await until(false)
        await side.stop()
        _ = try await context.terminate(within: .seconds(5))
    }

    @Test("One that comes and goes all the time is logged as connected once a minute, with how often")
    func flapping() async throws {
        let context = try ZeroMQContext()
        let clock = MovedClock()
        let recorder = LineRecorder()
        let side = try FedmsgSide(
            in: context,
            .receiving(from: "tcp://127.0.0.1:9"),
            clock: clock,
            logger: recorder.logger
        )
        try await side.open()
        let endpoint = try #require(await side.endpoints["tcp://127.0.0.1:9"])
        func flap(_ times: Int) async {
            for _ in 0..<times {
                await side.noteSubscriberEvent(ZeroMQMonitorEvent(.connected(descriptor: -2), endpoint: endpoint))
                await side.noteSubscriberEvent(ZeroMQMonitorEvent(.handshakeSucceeded, endpoint: endpoint))
                await side.noteSubscriberEvent(ZeroMQMonitorEvent(.disconnected(descriptor: -2), endpoint: endpoint))
            }
        }
        func connected() -> [String?] { recorder.lines.filter { $0.message == "connected" }.map(\.count) }
        await flap(10)
        #expect(connected() == [nil])
        clock.move(by: .seconds(59))
        await side.logHeldConnections(now: clock.uptime)
        #expect(connected() == [nil])
        clock.move(by: .seconds(1))
        await side.logHeldConnections(now: clock.uptime)
        #expect(connected() == [nil, "9"])
        await flap(1)
        await side.stop()
        #expect(connected() == [nil, "9", nil])
        _ = try await context.terminate(within: .seconds(5))
    }
}
