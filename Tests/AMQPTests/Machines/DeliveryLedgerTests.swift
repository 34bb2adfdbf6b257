import Testing

@testable import AMQP

@Suite("DeliveryLedger")
struct DeliveryLedgerTests {
    private var ledger = DeliveryLedger()

    private mutating func deliver(_ tags: ClosedRange<UInt64>) {
        for tag in tags { #expect(ledger.delivered(tag, needsSettlement: true) == true) }
    }

    private func violation(_ body: (inout DeliveryLedger) throws -> Void) -> DeliveryLedger.Violation? {
        var ledger = ledger
        do {
            try body(&ledger)
            return nil
        } catch {
            return error as? DeliveryLedger.Violation
        }
    }

    @Test("a delivery is settled once")
    mutating func once() throws {
        deliver(1...3)
        try ledger.settle(2)
        #expect(violation { ledger in try ledger.settle(2) } == .alreadySettled)
        #expect(violation { ledger in try ledger.settle(4) } == .unknownTag)
        #expect(ledger.outstanding == 2)
    }

    @Test("through a tag means through the highest one unsettled: the broker knows no other")
    mutating func through() throws {
        deliver(1...5)
        try ledger.settle(4)
        #expect(try ledger.settle(through: 4) == 3)
        #expect(violation { ledger in _ = try ledger.settle(through: 4) } == .alreadySettled)
        #expect(try ledger.settle(through: 5) == 5)
        #expect(ledger.outstanding == 0)
    }

    @Test("tags only rise, with or without gaps")
    mutating func order() throws {
        deliver(1...2)
        #expect(ledger.delivered(2, needsSettlement: true) == false)
        #expect(ledger.delivered(1000, needsSettlement: true) == true)
        #expect(ledger.delivered(.max, needsSettlement: true) == true)
        #expect(ledger.delivered(.max, needsSettlement: true) == false)
        try ledger.settle(1000)
        #expect(violation { ledger in try ledger.settle(500) } == .alreadySettled)
        #expect(ledger.isOutstanding(.max))
        #expect(ledger.outstanding == 3)
    }

    @Test("one that is held for ever does not make those behind it pile up")
    mutating func held() throws {
        deliver(1...1)
        for tag in 2...100_000 as ClosedRange<UInt64> {
            _ = ledger.delivered(tag, needsSettlement: true)
            try ledger.settle(tag)
            #expect(ledger.entryCount < 100)
        }
        #expect(try ledger.settle(through: 100_000) == 1)
    }

    @Test("what needs no settlement has none, and may have the tag of the next: answers to a direct reply-to do")
    mutating func noAck() {
        #expect(ledger.delivered(1, needsSettlement: false) == true)
        #expect(ledger.delivered(1, needsSettlement: false) == true)
        #expect(ledger.outstanding == 0)
        #expect(violation { ledger in try ledger.settle(1) } == .unknownTag)
        #expect(ledger.delivered(1, needsSettlement: true) == true)
    }
}
