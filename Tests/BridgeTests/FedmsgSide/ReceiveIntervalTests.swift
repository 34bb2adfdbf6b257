import NIOCore
import Settings
import Spool
import Synchronization
import Testing
import ZeroMQ

@testable import Bridge

/// Beside a publisher in the same process, over inproc: what it has sent has arrived when `send` returns.
@Suite("Receipts in quick succession", .timeLimit(.minutes(5)))
struct ReceiveIntervalTests {
    @Test("A message that comes alone is taken at once, and the next; those that follow closely are taken together")
    func succession() async throws {
        let bus = try await Bus(receiveInterval: .seconds(3600))
        try await bus.sendOne("one")
        try await bus.sendOne("two")
        for text in ["three", "four", "five"] { try await bus.publisher.send(text) }
        await bus.side.takeTurns()
        #expect(bus.batches == [["one"], ["two"]])

        await bus.side.stopReceiving()
        #expect(bus.batches == [["one"], ["two"], ["three", "four", "five"]])
        try await bus.stop()
    }

    @Test("A receipt that brought much is followed at once")
    func plenty() async throws {
        let bus = try await Bus(receiveInterval: .seconds(3600))
        try await bus.sendOne("one")
        try await bus.sendOne(String(repeating: "x", count: 70_000))
        try await bus.sendOne("three")
        #expect(bus.batches.map { $0.map(\.utf8.count) } == [[3], [70_000], [5]])
        try await bus.stop()
    }

    @Test("With a high-water mark of a few messages libzmq never has to leave one to the publisher")
    func limit() async throws {
        let bus = try await Bus(receiveInterval: .seconds(3600), highWaterMark: 2)
        for number in 1...5 { try await bus.sendOne("\(number)") }
        #expect(bus.batches == [["1"], ["2"], ["3"], ["4"], ["5"]])
        try await bus.stop()
    }

    @Test("What has arrived is taken before a topic is left")
    func topics() async throws {
        let bus = try await Bus(receiveInterval: .seconds(3600))
        try await bus.sendOne("one")
        try await bus.sendOne("two")
        try await bus.publisher.send("three")
        var configuration = bus.configuration
        configuration.toAMQP.topics = ["other"]
        try await bus.side.change(to: configuration)
        #expect(bus.batches == [["one"], ["two"], ["three"]])
        try await bus.stop()
    }

    @Test("A message that no batch can hold is told as lost, and the next one is taken")
    func tooLarge() async throws {
        let bus = try await Bus(receiveInterval: .zero)
        let (frames, size) = (9, ReceivedBatch.maxBytes / 9)
        try await bus.publisher.send(frames: frames, of: size)
        try await bus.sendOne("next")
        #expect(bus.lost == 1)
        #expect(bus.batches == [["next"]])
        try await bus.stop()
    }

    @Test("Once the interval is over, it goes on")
    func resumption() async throws {
        let bus = try await Bus(receiveInterval: .milliseconds(1))
        for count in 1...5 {
            try await bus.sendOne("\(count)")
        }
        #expect(bus.batches.flatMap(\.self) == ["1", "2", "3", "4", "5"])
        try await bus.stop()
    }
}

/// A publisher, the side that has subscribed to it, and what that handed over.
private final class Bus: Sendable {
    let publisher: Publisher
    let side: FedmsgSide
    private let context: ZeroMQContext
    private let recorded: Recorded
    let configuration: BridgeConfiguration

    /// How many messages were lost.
    var lost: Int { recorded.lost.withLock { $0 } }

    /// The payloads of each batch.
    var batches: [[String]] { recorded.batches.withLock { $0 } }

    init(receiveInterval: Duration, highWaterMark: Int = 0) async throws {
        let (context, recorded) = (try ZeroMQContext(), Recorded())
        publisher = try Publisher(in: context)
        let endpoint = try await publisher.open(at: "inproc://publisher")
        var configuration = BridgeConfiguration.receiving(from: endpoint)
        configuration.toAMQP.highWaterMark = highWaterMark
        side = try FedmsgSide(
            in: context,
            configuration,
            receiveInterval: receiveInterval,
            received: recorded.add,
            lost: recorded.addLost
        )
        self.context = context
        self.recorded = recorded
        self.configuration = configuration
        try await side.open()
        await publisher.subscribed()
    }

    /// Sends a message, and waits until the side has handed it over.
    func sendOne(_ text: String) async throws {
        try await publisher.send(text)
        while batches.last?.last != text, !Task.isCancelled { await Task.yield() }
    }

    func stop() async throws {
        await side.stop()
        await publisher.thread.stop()
        _ = try await context.terminate(within: .seconds(5))
    }
}

private final class Recorded: Sendable {
    let batches = Mutex<[[String]]>([])
    let lost = Mutex(0)

    @Sendable func add(_ batch: ReceivedBatch) {
        let payloads = (0..<batch.count).map { String(buffer: batch[$0].payload) }
        batches.withLock { $0.append(payloads) }
    }

    @Sendable func addLost() {
        lost.withLock { $0 += 1 }
    }
}

extension FedmsgSide {
    /// Returns once the thread has looked at its sockets after this was called.
    fileprivate nonisolated func takeTurns() async {
        for _ in 0..<2 { await turn() }
    }

    private func turn() {}
}
