import Dispatch
import Foundation
import Settings
import Spool
import Synchronization
import Testing
import ZeroMQ

@testable import Bridge

/// Real publishers, beside a side whose endpoints another configuration changes.
@Suite("Endpoints that a reload changes")
struct EndpointReloadTests {
    /// More than one turn of the receiving loop takes.
    private static let count = 2_500

    @Test("What has arrived from one is taken before it is left, however much that is", .timeLimit(.minutes(5)))
    func drained() async throws {
        let received = Mutex(0)
        let context = try ZeroMQContext()
        let publisher = try Publisher(in: ZeroMQContext())
        let endpoint = try await publisher.open(at: "tcp://127.0.0.1:*")
        let port = try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })
        // Nobody listens on the discard port.
        var configuration = BridgeConfiguration.receiving(from: "tcp://127.0.0.1:9", endpoint)
        let side = try FedmsgSide(in: context, configuration) { batch in received.withLock { $0 += batch.count } }
        try await side.open()
        await publisher.subscribed()
        configuration.toAMQP.zmqEndpoints.removeLast()
        try await side.change(to: configuration) {
            // Nothing is read meanwhile: this is on the side's own thread.
            let isGone = DispatchSemaphore(value: 0)
            Task {
                try await publisher.publishAndEnd(Self.count)
                isGone.signal()
            }
            #expect(isGone.wait(timeout: .now() + 240) == .success)
            let deadline = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < deadline, try Self.hasConnection(to: port) { sched_yield() }
        }
        #expect(received.withLock { $0 } == Self.count)
        await side.stop()
        _ = try await context.terminate(within: .seconds(5))
    }

    @Test("What a reload changes before the sockets are open is what they are opened with")
    func beforeOpening() async throws {
        let context = try ZeroMQContext()
        let publishers = [try Publisher(in: context), try Publisher(in: context)]
        var endpoints: [String] = []
        for (number, publisher) in publishers.enumerated() {
            endpoints.append(try await publisher.open(at: "inproc://\(number)"))
        }
        var configuration = BridgeConfiguration.receiving(from: endpoints[0])
        let side = try FedmsgSide(in: context, configuration)
        configuration.toAMQP.zmqEndpoints = [endpoints[1]]
        configuration.toAMQP.topics = ["topic"]
        try await side.change(to: configuration)
        try await side.open()
        #expect(await Array(side.endpoints.keys) == [endpoints[1]])
        #expect(await side.configuration.toAMQP.topics == ["topic"])
        await side.stop()
        for publisher in publishers { await publisher.close() }
        _ = try await context.terminate(within: .seconds(5))
    }

    @Test("An address that was in use, left and taken up again within a second is bound once", .timeLimit(.minutes(5)))
    func boundOnce() async throws {
        let context = try ZeroMQContext()
        let board = StatusBoard { 0 }
        let other = try Publisher(in: ZeroMQContext())
        let endpoint = try await other.open(at: "tcp://127.0.0.1:*")
        var configuration = BridgeConfiguration.receiving(from: endpoint)
        configuration.toAMQP.bind = true
        let side = try FedmsgSide(in: context, configuration, board: board)
        func reasons() -> [String] { board.snapshot().reasons.map(\.code) }
        try await side.open()
        #expect(reasons().contains("address_in_use"))
        try await other.publishAndEnd(0)
        for endpoints in [["inproc://another"], [endpoint]] {
            configuration.toAMQP.zmqEndpoints = endpoints
            try await side.change(to: configuration)
        }
        // What was scheduled before this has its turn before it.
        await withCheckedContinuation { turn in side.thread.schedule(after: .seconds(1)) { turn.resume() } }
        #expect(await side.endpoints[endpoint] != nil)
        #expect(!reasons().contains("address_in_use"))
        await side.stop()
        _ = try await context.terminate(within: .seconds(5))
    }

    /// Whether libzmq may still have something to read from this port of loopback.
    private static func hasConnection(to port: Int) throws -> Bool {
        let remote = ":" + String(port, radix: 16, uppercase: true)
        let states: Set<Substring> = ["01", "08"]  // Established, and closed by the other end.
        for line in try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields[2].hasSuffix(remote), states.contains(fields[3]) { return true }
        }
        return false
    }
}

extension FedmsgSide {
    fileprivate func change(to new: BridgeConfiguration, after event: @Sendable () throws -> Void) throws {
        try event()
        try change(to: new)
    }
}
