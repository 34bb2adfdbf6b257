import Testing

@testable import AMQP

@Suite("ConsumerRecovery")
struct ConsumerRecoveryTests {
    private var recovery = ConsumerRecovery(policy: AMQPRecoveryPolicy())
    private var random = SeededGenerator(seed: 1)
    private let timeout = AMQPReply(
        code: .preconditionFailed,
        text: "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out"
    )

    @Test("tries without end to start a consumer, as on a queue that another connection still holds")
    mutating func startsAgain() {
        for _ in 0..<1000 {
            #expect(recovery.didNotRun(using: &random) != .giveUp)
        }
    }

    @Test("comes back once from a channel exception, and gives up at the same again")
    mutating func givesUp() {
        #expect(recovery.refused(timeout, using: &random) != .giveUp)
        recovery.started()
        #expect(recovery.refused(timeout, using: &random) == .giveUp)
    }

    @Test("waits longer from each to the next, and never gives up, where that is wanted")
    mutating func retriesForever() {
        recovery = ConsumerRecovery(policy: AMQPRecoveryPolicy(), retriesForever: true)
        var waits: [Duration] = []
        for _ in 0..<100 {
            guard case .retry(let wait) = recovery.refused(timeout, using: &random) else { break }
            waits.append(wait)
            recovery.started()
        }
        #expect(waits.count == 100)
        #expect(waits.contains { $0 > .seconds(20) })
    }

    @Test("comes back from another channel exception, and from the same after a delivery was settled")
    mutating func comesBack() {
        let other = AMQPReply(code: .preconditionFailed, text: "PRECONDITION_FAILED - unknown delivery tag 7")
        #expect(recovery.refused(timeout, using: &random) != .giveUp)
        recovery.started()
        #expect(recovery.refused(other, using: &random) != .giveUp)
        recovery.started()
        recovery.progressed()
        #expect(recovery.refused(other, using: &random) != .giveUp)
    }
}
