import Testing

@testable import Bridge

@Suite struct SlowSubscriberMachineTests {
    private static let second: UInt64 = 1_000_000_000
    private static let grace = 10 * second

    private var machine = SlowSubscriberMachine(grace: grace)

    /// What a message costs that is blocked from `start` on: the time until its subscriber is left behind.
    private mutating func cost(at start: UInt64) -> UInt64 {
        var now = start
        while case .retry(let time) = machine.wouldBlock(now: now) { now = time }
        return now - start
    }

    @Test mutating func `the same message is tried again and again, through the grace and no longer`() {
        #expect(machine.wouldBlock(now: 0) == .retry(at: SlowSubscriberMachine.retryInterval))
        #expect(machine.isBlocked)
        // The last try is at the end of the grace, however near that is.
        #expect(machine.wouldBlock(now: Self.grace - 1) == .retry(at: Self.grace))
        #expect(machine.wouldBlock(now: Self.grace) == .leaveBehind)
        #expect(!machine.isBlocked)
    }

    @Test mutating func `a message that was taken begins the grace anew, and spends nothing of what graces may take`() {
        for round in 0..<100 {
            let start = UInt64(round) * Self.grace
            #expect(machine.wouldBlock(now: start) != .leaveBehind)
            #expect(machine.wouldBlock(now: start + Self.grace - 1) != .leaveBehind)
            machine.taken(now: start + Self.grace - 1)
        }
        #expect(machine.hasSpentAllowance(now: 100 * Self.grace) == false)
    }

    @Test(arguments: [(0, 5), (3, 5), (5, 5), (8, 2), (10, 0)] as [(UInt64, UInt64)])
    mutating func `what a wait left of the grace counts for the next one, and for that alone`(
        waited: UInt64,
        more: UInt64
    ) {
        #expect(machine.wouldBlock(now: 0) != .leaveBehind)
        machine.taken(now: waited * Self.second)
        #expect(cost(at: 100 * Self.second) == Self.grace + more * Self.second)
        #expect(cost(at: 200 * Self.second) == Self.grace)
    }

    @Test mutating func `one that takes half the queue in 5.1 s is waited for though two halves show in one wait`() {
        let half = Self.second * 51 / 10
        var now: UInt64 = 0
        // None of a half: a moment's wait for what the kernel takes at once.
        for halves in [1, 2, 1, 1, 0, 2, 1, 0, 2] as [UInt64] {
            #expect(machine.wouldBlock(now: now) != .leaveBehind)
            now += halves * half + 1
            #expect(machine.wouldBlock(now: now - 1) != .leaveBehind)
            machine.taken(now: now)
        }
    }

    @Test mutating func `graces that ran out take a tenth of ten minutes at most, then nobody is waited for`() {
        // Six graces are a minute.
        for round in 0..<6 { #expect(cost(at: UInt64(round) * 20 * Self.second) == Self.grace) }
        let end = 110 * Self.second
        #expect(machine.hasSpentAllowance(now: end) == true)
        for later in 0..<100 { #expect(cost(at: end + UInt64(later) * Self.second) == 0) }
        // Ten minutes after the first of them ended there is room for one again, and for no second.
        let again = SlowSubscriberMachine.period + Self.grace
        #expect(machine.hasSpentAllowance(now: again - 1) == true)
        #expect(cost(at: again) == Self.grace)
        #expect(cost(at: again + Self.grace) == 0)
    }

    @Test mutating func `a message that is taken back ends the wait for it, and the next one begins its own`() {
        #expect(machine.wouldBlock(now: 0) != .leaveBehind)
        machine.unparked()
        #expect(!machine.isBlocked)
        let later = 90 * Self.second
        #expect(machine.wouldBlock(now: later) == .retry(at: later + SlowSubscriberMachine.retryInterval))
        #expect(machine.hasSpentAllowance(now: later) == false)
    }

    @Test mutating func `a wait counts for no more than it may take, however late it is looked at`() {
        #expect(machine.wouldBlock(now: 0) != .leaveBehind)
        #expect(machine.wouldBlock(now: 90 * Self.second) == .leaveBehind)
        #expect(machine.hasSpentAllowance(now: 90 * Self.second) == false)
    }

    @Test mutating func `another grace counts from the next message on`() {
        machine.grace = 0
        #expect(cost(at: 0) == 0)
        #expect(machine.hasSpentAllowance(now: 0) == false)
    }
}
