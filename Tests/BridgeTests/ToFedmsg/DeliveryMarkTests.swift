import Testing

@testable import Bridge

@Suite struct DeliveryMarkTests {
    private var mark = DeliveryMark()

    @Test mutating func `what is decided in any order is acknowledged through the last without a gap before it`() {
        for tag in 1...5 as ClosedRange<UInt64> { mark.opened(tag) }
        mark.decided(2)
        #expect(mark.takeDue().isEmpty)
        mark.decided(1)
        mark.decided(3)
        #expect(mark.takeDue() == .init(through: 3))
        #expect(mark.takeDue().isEmpty)
        #expect(mark.count == 2)
    }

    @Test mutating func `those behind one that waits for its dead letter are acknowledged one by one`() {
        for tag in 1...4 as ClosedRange<UInt64> {
            mark.opened(tag)
            if tag == 2 { mark.waits(tag) }
        }
        for tag in [1, 3, 4] as [UInt64] { mark.decided(tag) }
        #expect(mark.takeDue() == .init(single: [3, 4], through: 1))
        #expect(mark.count == 1)
        mark.opened(5)
        mark.decided(2)
        mark.decided(5)
        #expect(mark.takeDue() == .init(through: 5))
        #expect(mark.count == 0)
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `whatever the order, each is acknowledged once it is decided, once, and nothing else`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var mark = DeliveryMark()
        var undecided: [UInt64] = []
        var unacknowledged: Set<UInt64> = []
        var last: UInt64 = 0
        func acknowledge() {
            let due = mark.takeDue()
            for tag in due.single { #expect(unacknowledged.remove(tag) != nil, "\(tag) is unknown to the broker") }
            if let through = due.through {
                #expect(unacknowledged.contains(through), "\(through) is unknown to the broker")
                unacknowledged = unacknowledged.filter { $0 > through }
            }
            #expect(unacknowledged.isSuperset(of: undecided))
        }
        while last < 200 || !undecided.isEmpty {
            if last < 200, Bool.random(using: &random) {
                last += 1
                mark.opened(last)
                if UInt8.random(in: 0..<4, using: &random) == 0 { mark.waits(last) }
                undecided.append(last)
                unacknowledged.insert(last)
            } else if !undecided.isEmpty {
                mark.decided(undecided.remove(at: Int.random(in: undecided.indices, using: &random)))
            }
            if Bool.random(using: &random) { acknowledge() }
        }
        acknowledge()
        #expect(unacknowledged.isEmpty)
        #expect(mark.count == 0)
    }
}
