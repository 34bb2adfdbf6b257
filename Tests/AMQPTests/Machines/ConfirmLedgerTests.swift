import Testing

@testable import AMQP

@Suite("ConfirmLedger")
struct ConfirmLedgerTests {
    private var ledger = ConfirmLedger()

    private mutating func publish(_ count: Int, bytes: Int = 10) {
        for _ in 0..<count { _ = ledger.published(bytes: bytes) }
    }

    private mutating func settled() -> [String] { ledger.takeSettlements().map(Dialogue.words(for:)) }

    @Test("a multiple settles all up to its tag that are not settled, in order")
    mutating func multiple() throws {
        publish(6)
        try ledger.settle(2, multiple: false, accepted: false)
        try ledger.settle(4, multiple: true, accepted: true)
        #expect(settled() == ["2 nacked", "1 confirmed", "3...4 confirmed"])
        #expect(ledger.outstanding == 2)
        #expect(ledger.outstandingBytes == 20)
        #expect(ledger.span == 2)
    }

    @Test("a number settled before those in front of it is neither confirmed nor returned again")
    mutating func outOfOrder() throws {
        publish(2)
        try ledger.settle(2, multiple: false, accepted: true)
        #expect(throws: ConfirmLedger.Violation.unknownTag(2)) {
            try ledger.settle(2, multiple: false, accepted: true)
        }
        let details = PublishReturn(replyCode: AMQPReplyCode(rawValue: 312), replyText: "")
        #expect(throws: ConfirmLedger.Violation.unknownReturn) { try ledger.returned(2, details) }
        #expect(settled() == ["2 confirmed"])
    }

    @Test("tag 0 with multiple settles all so far")
    mutating func tagZero() throws {
        publish(3)
        try ledger.settle(0, multiple: true, accepted: true)
        publish(1)
        #expect(settled() == ["1...3 confirmed"])
        #expect(ledger.nextNumber == 5)
    }

    @Test(
        "a tag that is not outstanding is the peer's error",
        arguments: [(0, false), (1, false), (4, false), (4, true), (.max, true), (.max, false)] as [(UInt64, Bool)]
    )
    func unknown(tag: UInt64, multiple: Bool) throws {
        var ledger = ConfirmLedger()
        for _ in 1...3 { _ = ledger.published(bytes: 0) }
        try ledger.settle(1, multiple: false, accepted: true)
        #expect(throws: ConfirmLedger.Violation.unknownTag(tag)) {
            try ledger.settle(tag, multiple: multiple, accepted: true)
        }
        #expect(ledger.outstanding == 2)
    }

    @Test("a confirm out of order leaves a hole, and the span counts it")
    mutating func holes() throws {
        publish(100)
        for tag in stride(from: 100, to: 1, by: -1) {
            try ledger.settle(UInt64(tag), multiple: false, accepted: true)
        }
        #expect(ledger.outstanding == 1)
        #expect(ledger.span == 100)
        try ledger.settle(1, multiple: false, accepted: true)
        #expect(ledger.span == 0)
    }

    @Test("a returned message is returned when its ack comes, alone or within a multiple; a nack is a nack")
    mutating func returns() throws {
        publish(5)
        for number in [2, 4, 5] as [UInt64] {
            try ledger.returned(number, PublishReturn(replyCode: .noRoute, replyText: "NO_ROUTE"))
        }
        try ledger.settle(2, multiple: false, accepted: true)
        try ledger.settle(4, multiple: true, accepted: true)
        try ledger.settle(5, multiple: false, accepted: false)
        #expect(settled() == ["2 returned 312", "1 confirmed", "3 confirmed", "4 returned 312", "5 nacked"])
    }

    @Test("what is left at a loss is unknown, each once")
    mutating func loss() throws {
        publish(5)
        try ledger.settle(2, multiple: false, accepted: true)
        ledger.settleAll(as: .unknown(AMQPError(.connectionLost, "")))
        ledger.settleAll(as: .unknown(AMQPError(.connectionLost, "")))
        #expect(settled() == ["2 confirmed", "1 unknown connectionLost", "3...5 unknown connectionLost"])
        #expect(ledger.outstanding == 0)
        #expect(ledger.outstandingBytes == 0)
    }
}
