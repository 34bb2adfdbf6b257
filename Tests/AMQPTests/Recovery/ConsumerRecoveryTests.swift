import Testing

@testable import AMQP

@Suite("ConsumerRecovery")
struct ConsumerRecoveryTests {
    private var recovery = ConsumerRecovery(policy: AMQPRecoveryPolicy())
    private var random = SeededGenerator(seed: 1)
    private let timeout = Self.closed("PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out")

    private static func closed(_ text: String) -> AMQPError {
        AMQPError(.channelClosedByBroker, "", reply: AMQPReply(code: .preconditionFailed, text: text))
    }

    @Test("tries without end to start a consumer, as on a queue that another connection still holds")
    mutating func startsAgain() {
        for _ in 0..<1000 {
            #expect(recovery.didNotRun(using: &random) != .giveUp)
        }
    }

    @Test("comes back once from a channel exception, and gives up at the same again")
    mutating func givesUp() {
        #expect(recovery.refused(timeout, using: &random) != .giveUp)
        recovery.ran(for: .seconds(1800))
        #expect(recovery.refused(timeout, using: &random) == .giveUp)
    }

    @Test("a limit of this side's is an exception, the same again each time")
    mutating func limit() {
        let limit = AMQPError(.limitExceeded, "")
        #expect(recovery.refused(limit, using: &random) != .giveUp)
        #expect(recovery.refused(timeout, using: &random) != .giveUp)
        #expect(recovery.refused(limit, using: &random) != .giveUp)
        #expect(recovery.refused(limit, using: &random) == .giveUp)
    }

    @Test("waits longer from each to the next where it only starts, until it has run for longer than any wait")
    mutating func waits() {
        var highest = HighestNumber()
        for bound in [0.5, 1, 2, 4, 8, 16, 30, 30] {
            #expect(recovery.didNotRun(using: &highest) == .retry(after: .seconds(bound)))
            recovery.ran(for: .seconds(29))
        }
        recovery.ran(for: .seconds(30))
        #expect(recovery.didNotRun(using: &highest) == .retry(after: .milliseconds(500)))
    }

    @Test("waits longer from each to the next, and never gives up, where that is wanted")
    mutating func retriesForever() {
        recovery = ConsumerRecovery(policy: AMQPRecoveryPolicy(), retriesForever: true)
        var waits: [Duration] = []
        for _ in 0..<100 {
            guard case .retry(let wait) = recovery.refused(timeout, using: &random) else { break }
            waits.append(wait)
            recovery.ran(for: .zero)
        }
        #expect(waits.count == 100)
        #expect(waits.contains { $0 > .seconds(20) })
    }

    @Test("comes back from another channel exception, and from the same after a delivery was settled")
    mutating func comesBack() {
        let other = Self.closed("PRECONDITION_FAILED - unknown delivery tag 7")
        #expect(recovery.refused(timeout, using: &random) != .giveUp)
        #expect(recovery.refused(other, using: &random) != .giveUp)
        recovery.progressed()
        #expect(recovery.refused(other, using: &random) != .giveUp)
    }
}
