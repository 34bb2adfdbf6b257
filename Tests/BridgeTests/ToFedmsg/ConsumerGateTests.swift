import Testing

@testable import Bridge

@Suite struct ConsumerGateTests {
    private static let second: UInt64 = 1_000_000_000
    private var gate = ConsumerGate(now: 0)

    private func isOpen(at second: UInt64) -> Bool { gate.isOpen(now: second * Self.second) }

    @Test func `a start takes messages, and gives up after a minute in which nothing could be sent`() {
        #expect(isOpen(at: 0))
        #expect(isOpen(at: 59))
        #expect(!isOpen(at: 60))
        #expect(gate.closesAt == 60 * Self.second)
    }

    @Test mutating func `the minute begins when the last peer goes, however often that is said`() {
        gate.setSendable(true, now: 0)
        #expect(isOpen(at: 1_000))
        #expect(gate.closesAt == nil)
        gate.setSendable(false, now: 1_000 * Self.second)
        gate.setSendable(false, now: 1_050 * Self.second)
        #expect(isOpen(at: 1_059))
        #expect(!isOpen(at: 1_060))
    }

    @Test mutating func `a peer that comes opens it again`() {
        gate.setSendable(true, now: 100 * Self.second)
        #expect(isOpen(at: 100))
    }

    @Test mutating func `while held nothing is taken, and after that as before`() {
        gate.setSendable(true, now: 0)
        gate.isHeld = true
        #expect(!isOpen(at: 1))
        gate.isHeld = false
        #expect(isOpen(at: 2))
    }
}
