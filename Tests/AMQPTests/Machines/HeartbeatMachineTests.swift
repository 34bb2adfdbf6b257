import Testing

@testable import AMQP

@Suite("HeartbeatMachine")
struct HeartbeatMachineTests {
    private var machine = HeartbeatMachine(interval: .seconds(10), now: .zero)

    @Test("a heartbeat goes out when nothing else did for half the interval")
    mutating func sending() {
        #expect(machine.nextTick == .seconds(5))
        #expect(machine.tick(at: .seconds(4), isWritable: true) == .none)
        #expect(machine.tick(at: .seconds(5), isWritable: true) == .send)
        machine.sent(at: .seconds(7))
        #expect(machine.tick(at: .seconds(10), isWritable: true) == .none)
        #expect(machine.tick(at: .seconds(12), isWritable: true) == .send)
    }

    @Test("the peer is dead after two intervals without a byte, and any byte is life")
    mutating func death() {
        machine.received(at: .seconds(15))
        #expect(machine.tick(at: .seconds(34), isWritable: true) != .peerIsDead)
        #expect(machine.tick(at: .seconds(35), isWritable: true) == .peerIsDead)
    }

    @Test("on a socket that takes nothing no heartbeat is added, and a dead peer is noticed all the same")
    mutating func unwritable() {
        #expect(machine.tick(at: .seconds(5), isWritable: false) == .none)
        #expect(machine.tick(at: .seconds(20), isWritable: false) == .peerIsDead)
    }

    @Test("while we don't read, silence is ours")
    mutating func pausedReading() {
        machine.readingPaused()
        #expect(machine.tick(at: .seconds(100), isWritable: true) == .send)
        machine.readingResumed(at: .seconds(101))
        #expect(machine.tick(at: .seconds(120), isWritable: true) != .peerIsDead)
        #expect(machine.tick(at: .seconds(121), isWritable: true) == .peerIsDead)
    }

    @Test("an interval of 0 means no heartbeats in either direction")
    func off() {
        var machine = HeartbeatMachine(interval: .zero, now: .zero)
        #expect(machine.nextTick == nil)
        #expect(machine.tick(at: .seconds(1_000_000), isWritable: true) == .none)
    }
}
