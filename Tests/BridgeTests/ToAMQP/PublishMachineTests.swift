import Foundation
import Spool
import Testing

@testable import Bridge

/// Time in these tests is milliseconds of a clock that stands still between events.
@Suite struct PublishMachineTests {
    private var bus = Conversation()

    /// `PUBLISH_STEPS=50000` makes it a million.
    private static let steps = ProcessInfo.processInfo.environment["PUBLISH_STEPS"].flatMap(Int.init) ?? 5_000

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `any order of events loses nothing, keeps the order and refuses culprits alone`(seed: UInt64) {
        var simulation = PublishSimulation(seed: seed)
        for _ in 0..<Self.steps { simulation.step() }
        simulation.settleEverything()
    }

    @Test mutating func `pipelines as many as there is room for, in order`() {
        bus.receive(1...5)
        #expect(bus.send(room: 3) == [1, 2, 3])
        #expect(bus.send(room: 3) == [4, 5])
        #expect(bus.machine.inFlight == 5)
    }

    @Test mutating func `settles through the last message without a gap before it`() {
        bus.receive(1...4)
        bus.send()
        #expect(bus.confirm(2...3).settledThrough == nil)
        let effects = bus.confirm(1...1)
        #expect(effects.confirmed == [1])
        #expect(effects.settledThrough?.index == 3)
        #expect(bus.confirm(4...4).settledThrough?.index == 4)
    }

    @Test mutating func `a batch of which nothing is sent is settled at once`() {
        let through = JournalPosition(row: 1, index: 9)
        #expect(bus.machine.enqueue([], through: through).settledThrough == through)
    }

    @Test mutating func `after a nack nothing new goes out until all in flight is answered`() {
        bus.receive(1...3)
        #expect(bus.send(room: 2) == [1, 2])
        _ = bus.nack(1...1)
        #expect(bus.send() == [])
        _ = bus.confirm(2...2)
        #expect(bus.send() == [1])
        #expect(bus.send() == [])
        _ = bus.confirm(3...3)
        #expect(bus.send() == [3])
    }

    @Test mutating func `while nothing is confirmed nacked messages wait without limit, with back-off`() {
        bus.receive(1...1)
        for number in 1...50 {
            #expect(bus.send() == [1])
            #expect(bus.nack(UInt64(number)...UInt64(number)).refused.isEmpty)
            // The first had company, as far as it is known; six waits double to the longest.
            #expect(bus.machine.isGettingNowhere == (number >= 7))
            bus.now += 5000
        }
        #expect(bus.send() == [1])
        _ = bus.confirm(51...51)
        #expect(!bus.machine.isGettingNowhere)
    }

    @Test mutating func `a message nacked five times while others are confirmed is refused`() {
        bus.receive(1...20)
        var refused: [Int] = []
        for _ in 1...40 where refused.isEmpty {
            bus.now += 5000
            for message in bus.send(room: 2) {
                let number = bus.lastNumber(of: message)
                let effects = message == 1 ? bus.nack(number...number) : bus.confirm(number...number)
                refused += effects.refused.map(\.message)
            }
        }
        #expect(refused == [1])
        #expect(bus.count(of: 1) >= 5)
    }

    @Test mutating func `nacks of what went out together count against nobody, as from a queue that is full`() {
        bus.receive(1...20)
        var refused: [Int] = []
        var confirmed: Set<Int> = []
        for _ in 1...40 {
            bus.now += 5000
            // There is room for one each time.
            for (place, message) in bus.send().enumerated() {
                let number = bus.lastNumber(of: message)
                let effects = place == 0 ? bus.confirm(number...number) : bus.nack(number...number)
                refused += effects.refused.map(\.message)
                confirmed.formUnion(effects.confirmed)
            }
        }
        #expect(refused == [])
        #expect(confirmed == Set(1...20))
    }

    @Test mutating func `several messages that the broker never takes hold up no others`() {
        bus.receive(1...20)
        var refused: Set<Int> = []
        var confirmed: Set<Int> = []
        for _ in 1...200 {
            bus.now += 5000
            for message in bus.send(room: 1) {
                let number = bus.lastNumber(of: message)
                let effects = message <= 2 ? bus.nack(number...number) : bus.confirm(number...number)
                refused.formUnion(effects.refused.map(\.message))
                confirmed.formUnion(effects.confirmed)
            }
        }
        #expect(refused == [1, 2])
        #expect(confirmed == Set(3...20))
    }

    @Test mutating func `a channel closed over one of many sends them one at a time until the culprit shows itself`() {
        bus.receive(1...5)
        bus.send()
        #expect(bus.close(.message, "access to topic refused").refused.isEmpty)
        #expect(bus.send() == [1])
        #expect(bus.send() == [])
        _ = bus.confirm(1...1)
        #expect(bus.send() == [2])
        let effects = bus.close(.message, "access to topic refused")
        #expect(effects.refused.map(\.message) == [2])
        #expect(effects.refused.map(\.detail) == ["access to topic refused"])
        #expect(effects.settledThrough?.index == 2)
        #expect(bus.send() == [3, 4, 5])
    }

    @Test mutating func `a refusal that is nobody's fault waits and sends all again in order`() {
        bus.receive(1...3)
        bus.send()
        #expect(bus.close(.nobody, "no exchange").refused.isEmpty)
        #expect(bus.send() == [])
        bus.now += 100
        #expect(bus.send() == [1, 2, 3])
    }

    @Test mutating func `an unclear refusal is the message's only if others pass each time that it comes`() {
        bus.receive(1...4)
        #expect(bus.send(room: 1) == [1])
        for other in 2...4 {
            #expect(bus.close(.unclear, "internal error").refused.isEmpty)
            bus.now += 5000
            #expect(bus.send() == [other])
            let effects = bus.confirm(1...1)
            #expect(effects.confirmed == [other])
            #expect(effects.refused.map(\.message) == (other == 4 ? [1] : []))
            #expect(bus.send() == (other == 4 ? [] : [1]))
        }
    }

    @Test mutating func `several culprits at once whose texts explain nothing are found and hold up no others`() {
        bus.receive(1...12)
        let culprits: Set = [1, 2, 3, 6, 7]
        let (refused, confirmed) = bus.run(rounds: 40) { message, _ in culprits.contains(message) }
        #expect(Set(refused) == culprits)
        #expect(confirmed == [4, 5, 8, 9, 10, 11, 12])
    }

    @Test mutating func `a broker that closes the channel over everything for a while makes no dead letters`() {
        bus.receive(1...12)
        let (refused, confirmed) = bus.run(rounds: 90) { _, round in round < 70 }
        #expect(refused == [])
        #expect(Set(confirmed) == Set(1...12))
    }

    @Test mutating func `an unclear refusal of the next one too refuses neither`() {
        bus.receive(1...2)
        bus.send(room: 1)
        _ = bus.close(.unclear, "internal error")
        bus.now += 5000
        #expect(bus.send() == [2])
        #expect(bus.close(.unclear, "internal error").refused.isEmpty)
        bus.now += 10_000
        #expect(bus.send().first == 1)
    }

    @Test mutating func `one that was suspected goes out again after a refusal that is nobody's fault`() {
        bus.receive(1...3)
        bus.send(room: 1)
        _ = bus.close(.unclear, "internal error")
        bus.now += 5000
        #expect(bus.send(room: 1) == [2])
        _ = bus.close(.nobody, "no exchange")
        bus.now += 10_000
        #expect(bus.send() == [1])
    }

    @Test mutating func `one that was suspected goes out again where the one behind it is refused, the last one`() {
        bus.receive(1...2)
        bus.send(room: 1)
        _ = bus.close(.unclear, "internal error")
        bus.now += 5000
        #expect(bus.send() == [2])
        #expect(bus.close(.message, "access to topic refused").refused.map(\.message) == [2])
        bus.now += 10_000
        #expect(bus.send() == [1])
    }

    @Test mutating func `what was in flight at a loss goes out again, before what is new`() {
        bus.receive(1...4)
        bus.send(room: 3)
        _ = bus.confirm(2...2)
        bus.lose()
        #expect(bus.send() == [1, 3, 4])
    }

    @Test mutating func `two losses with the same oldest message begin the search`() {
        bus.receive(1...3)
        bus.send()
        bus.lose()
        #expect(bus.send() == [1, 2, 3])
        bus.lose()
        #expect(bus.send() == [1])
        _ = bus.confirm(1...1)
        #expect(bus.send() == [2])
    }

    @Test mutating func `a message over which connections are lost while others pass is refused`() {
        bus.receive(1...5)
        bus.send()
        bus.lose()
        bus.send()
        bus.lose()
        var refused: [Int] = []
        var confirmed: [Int] = []
        for _ in 1...20 where refused.isEmpty {
            bus.now += 5000
            guard let message = bus.send().first else { continue }
            if message == 1 {
                bus.lose()
            } else {
                let effects = bus.confirm(1...1)
                refused += effects.refused.map(\.message)
                confirmed += effects.confirmed
            }
        }
        #expect(refused == [1])
        #expect(confirmed == [2, 3, 4])
    }

    @Test mutating func `a message that can't be sent takes no number of the channel`() {
        bus.receive(1...3)
        #expect(bus.send(room: 2) == [1, 2])
        #expect(bus.machine.couldNotSend("too large").refused.map(\.message) == [2])
        #expect(bus.send() == [3])
        #expect(bus.confirm(2...2).confirmed == [3])
        #expect(bus.confirm(1...1).settledThrough?.index == 3)
    }

    @Test mutating func `those of one batch that can't be sent take no number either, whatever was given later`() {
        bus.receive(1...5)
        #expect(bus.send() == [1, 2, 3, 4, 5])
        // The fourth and the first: told from the end on.
        #expect(bus.machine.couldNotSend("too large", later: 1).refused.map(\.message) == [4])
        #expect(bus.machine.couldNotSend("too large", later: 3).refused.map(\.message) == [1])
        #expect(bus.confirm(1...2).confirmed == [2, 3])
        #expect(bus.confirm(3...3).settledThrough?.index == 5)
    }

    @Test mutating func `a mandatory message that nobody is bound for is refused, alone`() {
        bus.receive(1...2)
        bus.send()
        #expect(bus.machine.returned(1, detail: "NO_ROUTE").refused.map(\.message) == [1])
        #expect(bus.confirm(2...2).confirmed == [2])
    }

    @Test mutating func `a broker that returns a message takes messages: the wait after a nack begins anew`() throws {
        bus.receive(1...3)
        bus.send(room: 1)
        _ = bus.nack(1...1)
        for _ in 0..<5 {
            bus.now += 5000
            for message in bus.send() { _ = bus.nack(bus.lastNumber(of: message)...bus.lastNumber(of: message)) }
        }
        bus.now += 5000
        let returned = try #require(bus.send().first)
        #expect(bus.machine.returned(bus.lastNumber(of: returned), detail: "NO_ROUTE").refused.count == 1)
        let next = try #require(bus.send().first)
        _ = bus.nack(bus.lastNumber(of: next)...bus.lastNumber(of: next))
        bus.now += BackOff.least / 1_000_000
        #expect(bus.send().count == 1)
    }
}

/// A machine of numbered messages, and what was sent of them.
private struct Conversation {
    var machine = PublishMachine<Int>()
    var now: UInt64 = 0
    private var channel: [Int] = []
    private var all: [Int] = []

    mutating func receive(_ messages: ClosedRange<Int>) {
        let entries = messages.map { (JournalPosition(row: 1, index: $0), $0) }
        _ = machine.enqueue(entries, through: JournalPosition(row: 1, index: messages.upperBound))
    }

    @discardableResult mutating func send(room: Int = 100) -> [Int] {
        var sent: [Int] = []
        while sent.count < room, let message = machine.next(now: now * 1_000_000) { sent.append(message) }
        channel += sent
        all += sent
        return sent
    }

    mutating func confirm(_ numbers: ClosedRange<UInt64>) -> PublishMachine<Int>.Effects {
        machine.confirmed(numbers, now: now * 1_000_000)
    }

    mutating func nack(_ numbers: ClosedRange<UInt64>) -> PublishMachine<Int>.Effects {
        machine.nacked(numbers, now: now * 1_000_000)
    }

    mutating func close(_ fault: PublishMachine<Int>.Fault, _ detail: String) -> PublishMachine<Int>.Effects {
        channel = []
        return machine.channelClosed(fault, detail: detail, now: now * 1_000_000)
    }

    mutating func lose() {
        channel = []
        _ = machine.connectionLost(detail: "connection lost", now: now * 1_000_000)
    }

    /// Sends and answers: the channel is closed, with a text that explains nothing, over whatever `closes`, and all else is
    /// confirmed. New messages come as well.
    mutating func run(rounds: Int, closes: (_ message: Int, _ round: Int) -> Bool) -> (refused: [Int], confirmed: [Int])
    {
        var (refused, confirmed): ([Int], [Int]) = ([], [])
        for round in 0..<rounds {
            now += 5000
            for message in send(room: 2) {
                let number = lastNumber(of: message)
                let ends = closes(message, round)
                let effects = ends ? close(.unclear, "internal error") : confirm(number...number)
                refused += effects.refused.map(\.message)
                confirmed += effects.confirmed
                if ends { break }
            }
        }
        return (refused, confirmed)
    }

    func lastNumber(of message: Int) -> UInt64 {
        UInt64((channel.lastIndex(of: message) ?? -1) + 1)
    }

    func count(of message: Int) -> Int {
        all.count { $0 == message }
    }
}
