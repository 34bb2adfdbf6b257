import Testing

@testable import AMQP

@Suite("RecoveryMachine")
struct RecoveryMachineTests {
    private var machine = RecoveryMachine(endpoints: 2, policy: AMQPRecoveryPolicy())
    private var random = SeededGenerator(seed: 1)

    @Test("tries every address of every endpoint in turn, then waits and asks for the addresses again")
    mutating func walksEndpoints() {
        #expect(machine.start() == .resolve(endpoint: 0, 1))
        #expect(machine.resolved(addresses: 2, 1, using: &random) == .connect(endpoint: 0, address: 0, 1))
        #expect(machine.attemptFailed(1, using: &random) == .connect(endpoint: 0, address: 1, 1))
        #expect(machine.attemptFailed(1, using: &random) == .resolve(endpoint: 1, 1))
        #expect(machine.resolved(addresses: 1, 1, using: &random) == .connect(endpoint: 1, address: 0, 1))
        #expect(machine.attemptFailed(1, using: &random).wait != nil)
        #expect(machine.waited(1) == .resolve(endpoint: 0, 2))
    }

    @Test("goes on to the next endpoint when a name has no address", arguments: [true, false])
    mutating func skipsUnresolved(fails: Bool) {
        _ = machine.start()
        let action =
            fails ? machine.attemptFailed(1, using: &random) : machine.resolved(addresses: 0, 1, using: &random)
        #expect(action == .resolve(endpoint: 1, 1))
    }

    @Test("waits longer with each round that failed, up to the bound, and never gives up")
    mutating func backsOff() {
        var bounds: [Duration] = []
        _ = machine.start()
        for round in 1...1000 {
            let generation = RecoveryMachine.Generation(round)
            _ = machine.attemptFailed(generation, using: &random)
            var highest = HighestNumber()
            var copy = machine
            let longest = copy.attemptFailed(generation, using: &highest).wait
            if bounds.count < 9, let longest { bounds.append(longest) }
            let drawn = machine.attemptFailed(generation, using: &random).wait
            #expect(drawn.map { .zero <= $0 && $0 <= .seconds(30) } == true)
            #expect(machine.waited(generation) == .resolve(endpoint: 0, generation + 1))
        }
        #expect(bounds == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
    }

    @Test(
        "waits briefly again after a connection that was of use, or lasted, and longer yet after one that only opened",
        arguments: [(true, 0, 0.5), (false, 30, 0.5), (false, 29, 16)]
    )
    mutating func resets(wasOfUse: Bool, lasted: Int, wait: Double) {
        failRounds(5)
        _ = machine.resolved(addresses: 1, 6, using: &random)
        #expect(machine.connected(6, at: .seconds(100)) == .setUp(6))
        machine.setUpFinished(6)
        var highest = HighestNumber()
        let action = machine.lost(6, at: .seconds(100 + lasted), wasOfUse: wasOfUse, using: &highest)
        #expect(action == .wait(.seconds(wait), 6))
    }

    @Test("spreads clients over the whole wait")
    mutating func jitters() {
        let waits = (0..<200).compactMap { seed -> Duration? in
            var machine = RecoveryMachine(endpoints: 1, policy: AMQPRecoveryPolicy())
            var random = SeededGenerator(seed: UInt64(seed))
            _ = machine.start()
            return machine.attemptFailed(1, using: &random).wait
        }
        #expect(waits.count == 200)
        #expect(waits.contains { $0 < .milliseconds(50) } && waits.contains { $0 > .milliseconds(450) })
    }

    @Test("starts over when the connection is lost while it is set up, with one round under way")
    mutating func lossDuringSetUp() {
        open(finish: false)
        #expect(lose(1).wait != nil)
        #expect(lose(1) == .none)
        machine.setUpFinished(1)
        #expect(!machine.isOpen)
        #expect(machine.waited(1) == .resolve(endpoint: 0, 2))
        #expect(machine.waited(1) == .none)
    }

    @Test("is not moved by what comes late from an earlier generation")
    mutating func generations() {
        open()
        _ = lose(1)
        _ = machine.waited(1)
        #expect(lose(1) == .none)
        #expect(machine.attemptFailed(1, using: &random) == .none)
        #expect(machine.resolved(addresses: 1, 1, using: &random) == .none)
        #expect(machine.closed(1) == .none)
        #expect(machine.connected(1, at: .zero) == .discard)
        #expect(machine.resolved(addresses: 1, 2, using: &random) == .connect(endpoint: 0, address: 0, 2))
    }

    @Test("closes an open connection first, then is over")
    mutating func closesOpen() {
        open()
        #expect(machine.close() == .close(1))
        #expect(machine.close() == .none)
        #expect(machine.renew() == .none)
        #expect(machine.closed(1) == .finish)
        #expect(machine.isFinished)
        #expect(machine.start() == .none)
    }

    @Test("is over when the connection is lost while it closes")
    mutating func lossWhileClosing() {
        open()
        _ = machine.close()
        #expect(lose(1) == .finish)
    }

    @Test("is over at once when closed during a wait, and the wait's end changes nothing")
    mutating func closeDuringWait() {
        open()
        _ = lose(1)
        #expect(machine.close() == .finish)
        #expect(machine.waited(1) == .none)
    }

    @Test("discards a connection that opens after the close")
    mutating func closeDuringConnect() {
        _ = machine.start()
        _ = machine.resolved(addresses: 1, 1, using: &random)
        #expect(machine.close() == .finish)
        #expect(machine.connected(1, at: .zero) == .discard)
        #expect(machine.attemptFailed(1, using: &random) == .none)
    }

    @Test("discards a connection that opens when its round has failed, or has one already")
    mutating func surplusConnections() {
        open()
        #expect(machine.connected(1, at: .zero) == .discard)
        _ = lose(1)
        #expect(machine.connected(1, at: .zero) == .discard)
        #expect(machine.waited(1) == .resolve(endpoint: 0, 2))
    }

    private mutating func failRounds(_ count: UInt64) {
        _ = machine.start()
        for generation in 1...count {
            _ = machine.attemptFailed(generation, using: &random)
            _ = machine.attemptFailed(generation, using: &random)
            _ = machine.waited(generation)
        }
    }

    @Test("closes an open connection to renew it, without a wait")
    mutating func renews() {
        open()
        #expect(machine.renew() == .close(1))
        #expect(machine.renew() == .none)
        #expect(machine.closed(1) == .resolve(endpoint: 0, 2))
    }

    @Test("waits as at first where a renewal fails, whatever was before the connection that it closed")
    mutating func renewsAfterFailures() {
        failRounds(5)
        _ = machine.resolved(addresses: 1, 6, using: &random)
        _ = machine.connected(6, at: .zero)
        machine.setUpFinished(6)
        #expect(machine.renew() == .close(6))
        #expect(machine.closed(6) == .resolve(endpoint: 0, 7))
        var highest = HighestNumber()
        _ = machine.attemptFailed(7, using: &random)
        #expect(machine.attemptFailed(7, using: &highest).wait == .seconds(0.5))
    }

    @Test("begins a new round to renew what is not open yet")
    mutating func renewsAttempts() {
        _ = machine.start()
        _ = machine.resolved(addresses: 3, 1, using: &random)
        #expect(machine.renew() == .resolve(endpoint: 0, 2))
        #expect(machine.connected(1, at: .zero) == .discard)
        _ = machine.attemptFailed(2, using: &random)
        _ = machine.attemptFailed(2, using: &random)
        #expect(machine.renew() == .resolve(endpoint: 0, 3))
    }

    @Test("lets a close win over a renewal under way")
    mutating func closeWinsOverRenewal() {
        open()
        _ = machine.renew()
        #expect(machine.close() == .none)
        #expect(machine.closed(1) == .finish)
    }

    /// Whatever happens, in whatever order: after a close it ends, and it has one thing under way at a time.
    @Test("ends after a close in every random sequence of events", arguments: UInt64(1)...50)
    mutating func randomScripts(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var last = machine.start()
        for _ in 0..<200 {
            let generation = machine.generation - (Bool.random(using: &random) ? 0 : 1)
            let action =
                switch Int.random(in: 0..<7, using: &random) {
                case 0: machine.resolved(addresses: Int.random(in: 0...3, using: &random), generation, using: &random)
                case 1: machine.attemptFailed(generation, using: &random)
                case 2: machine.connected(generation, at: .zero)
                case 3: lose(generation)
                case 4: machine.waited(generation)
                case 5: machine.closed(generation)
                default: machine.renew()
                }
            if action == .discard || action == .none { continue }
            #expect(action != .finish, "seed \(seed)")
            last = action
        }
        if case .close(let generation) = last {
            _ = machine.close()
            _ = machine.closed(generation)
        } else if case .close(let generation) = machine.close() {
            #expect(machine.closed(generation) == .finish)
        }
        #expect(machine.isFinished, "seed \(seed)")
    }

    private mutating func lose(_ generation: RecoveryMachine.Generation) -> RecoveryMachine.Action {
        machine.lost(generation, at: .zero, wasOfUse: true, using: &random)
    }

    private mutating func open(finish: Bool = true) {
        _ = machine.start()
        _ = machine.resolved(addresses: 1, 1, using: &random)
        _ = machine.connected(1, at: .zero)
        if finish { machine.setUpFinished(1) }
    }
}

extension RecoveryMachine.Action {
    fileprivate var wait: Duration? {
        if case .wait(let duration, _) = self { duration } else { nil }
    }
}

/// Draws the end of every range.
struct HighestNumber: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}
