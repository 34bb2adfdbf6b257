import Spool
import Testing

@testable import Bridge

/// A machine and a broker driven by chance, beside a model that is nothing but sets of numbers.
struct PublishSimulation {
    /// What the broker makes of a message, whenever it gets it.
    private enum Kind: CaseIterable {
        case good, unroutable, nacked, topicRefused, closesUnclearly, losesConnection, cannotBeSent
    }

    /// What the broker makes of everything, for a while.
    private enum Weather: CaseIterable {
        case fair, full, withoutExchange
        /// It closes the channel over whatever comes, and does not say why.
        case mad
    }

    private enum Answer: Equatable {
        case confirmed, nacked, returned
    }

    private var random: SeededGenerator
    private var machine = PublishMachine<Int>()
    private var now: UInt64 = 0

    private var kinds: [Kind] = []
    /// Through which message all is settled, as the journal has it.
    private var mark = -1
    private var delivered: Set<Int> = []
    private var refused: Set<Int> = []
    private var dropped: Set<Int> = []
    private var nacks: [Int: Int] = [:]
    /// How often the channel ended while the message was alone in flight, with others taken between, and how many had been
    /// taken when it last did.
    private var suspicions: [Int: (count: Int, taken: Int)] = [:]
    private var taken = 0

    // The broker.
    private var weather = Weather.fair
    private var channel: [Int] = []
    /// What became of the first messages of the channel.
    private var answers: [Answer] = []
    /// The places of those of which the machine was told.
    private var told: Set<Int> = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// One random event.
    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: receive()
        case 20..<50: send(room: Int.random(in: 1...10, using: &random))
        case 50..<70: process(upTo: Int.random(in: 1...8, using: &random))
        case 70..<90: tell(upTo: Int.random(in: 1...8, using: &random))
        case 90..<93: weather = Bool.random(using: &random) ? .fair : anyWeather()
        case 93: cut()
        case 94 where Int.random(in: 0..<10, using: &random) == 0: restart()
        default: now += UInt64.random(in: 0...6_000, using: &random)
        }
    }

    private mutating func anyWeather() -> Weather { Weather.allCases.randomElement(using: &random) ?? .fair }

    /// Whatever happened, once the broker is well and messages come, all of before is delivered, or refused for a reason.
    mutating func settleEverything() {
        weather = .fair
        let last = kinds.count - 1
        for _ in 0..<10_000 where mark < last {
            now += 6_000
            // Whether a message is at fault shows only beside another.
            kinds.append(.good)
            enqueue(kinds.count - 1...kinds.count - 1)
            send(room: 100)
            process(upTo: 100)
            tell(upTo: 100)
        }
        expect(mark >= last, "\(last - mark) messages are never settled")
        for (number, kind) in kinds.enumerated() where number <= mark && !dropped.contains(number) {
            switch kind {
            case .good: expect(delivered.contains(number) || refused.contains(number))
            default: expect(refused.contains(number) && !delivered.contains(number))
            }
        }
    }
}

extension PublishSimulation {
    private mutating func receive() {
        guard machine.unsettled < 60 else { return }
        let first = kinds.count
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let isGood = Int.random(in: 0..<30, using: &random) > 0
            kinds.append(isGood ? .good : Kind.allCases.randomElement(using: &random) ?? .good)
            if Int.random(in: 0..<10, using: &random) == 0 { dropped.insert(kinds.count - 1) }
        }
        enqueue(first...kinds.count - 1)
    }

    private mutating func enqueue(_ numbers: ClosedRange<Int>) {
        let messages = numbers.filter { !dropped.contains($0) }.map { (position($0), $0) }
        apply(machine.enqueue(messages, through: position(numbers.upperBound)))
    }

    private func position(_ number: Int) -> JournalPosition { JournalPosition(row: 1, index: number) }

    private mutating func send(room: Int) {
        for _ in 0..<room {
            guard let number = machine.next(now: nanoseconds) else { return }
            if kinds[number] == .cannotBeSent {
                apply(machine.couldNotSend("too large"))
            } else {
                channel.append(number)
            }
        }
    }

    /// The broker looks at messages in the channel's order.
    private mutating func process(upTo limit: Int) {
        for _ in 0..<limit {
            guard answers.count < channel.count else { return }
            let number = channel[answers.count]
            if weather == .withoutExchange { return close(.nobody) }
            if weather == .mad { return close(.unclear) }
            switch kinds[number] {
            case .good where weather == .fair: deliver(number)
            case .good, .nacked:
                nacks[number, default: 0] += 1
                answers.append(.nacked)
            case .unroutable: answers.append(.returned)
            case .topicRefused: return close(.message)
            case .closesUnclearly: return close(.unclear)
            case .losesConnection: return cut()
            case .cannotBeSent: expect(false, "sent all the same")
            }
        }
    }

    private mutating func deliver(_ number: Int) {
        answers.append(.confirmed)
        guard delivered.insert(number).inserted else { return }
        // Only what the broker refused in some way may come later than what was received after it.
        for earlier in mark + 1..<max(number, mark + 1) where kinds[earlier] == .good {
            let isLate = !delivered.contains(earlier) && !refused.contains(earlier) && !dropped.contains(earlier)
            expect(!isLate || nacks[earlier] ?? 0 > 0 || suspicions[earlier] != nil, "out of order")
        }
    }

    /// The machine hears what became of messages, in any order, as each has queues of its own: one answer for neighbours
    /// where they are alike.
    private mutating func tell(upTo limit: Int) {
        let end = min(answers.count, told.count + limit)
        while told.count < end {
            let untold = answers.indices.filter { !told.contains($0) }
            let isNext = Int.random(in: 0..<4, using: &random) > 0
            guard let first = isNext ? untold.first : untold.randomElement(using: &random) else { return }
            let answer = answers[first]
            let alike = untold.drop { $0 < first }.enumerated().prefix { offset, place in
                place == first + offset && answers[place] == answer
            }
            let numbers = first..<first + (answer == .returned ? 1 : min(alike.count, end - told.count))
            told.formUnion(numbers)
            tell(answer, of: UInt64(numbers.lowerBound + 1)...UInt64(numbers.upperBound))
        }
    }

    private mutating func tell(_ answer: Answer, of numbers: ClosedRange<UInt64>) {
        if answer != .nacked { taken += numbers.count }
        switch answer {
        case .confirmed: apply(machine.confirmed(numbers, now: nanoseconds))
        case .nacked: apply(machine.nacked(numbers, now: nanoseconds))
        case .returned: apply(machine.returned(numbers.lowerBound, detail: "NO_ROUTE"))
        }
    }

    private mutating func close(_ fault: PublishMachine<Int>.Fault) {
        forgetChannel()
        apply(machine.channelClosed(fault, detail: "closed", now: nanoseconds))
    }

    private mutating func cut() {
        forgetChannel()
        apply(machine.connectionLost(detail: "lost", now: nanoseconds))
    }

    /// Of the answers under way some arrive, and the others never do.
    private mutating func forgetChannel() {
        if answers.count > told.count { tell(upTo: Int.random(in: 0...answers.count - told.count, using: &random)) }
        if told.count == channel.count - 1, let place = channel.indices.first(where: { !told.contains($0) }) {
            let alone = channel[place]
            if suspicions[alone]?.taken != taken { suspicions[alone] = ((suspicions[alone]?.count ?? 0) + 1, taken) }
        }
        (channel, answers, told) = ([], [], [])
    }

    /// A new process, which finds in the journal what is not settled.
    private mutating func restart() {
        (channel, answers, told) = ([], [], [])
        machine = PublishMachine()
        refused = refused.filter { $0 <= mark }
        if mark < kinds.count - 1 { enqueue(mark + 1...kinds.count - 1) }
    }

    private mutating func apply(_ effects: PublishMachine<Int>.Effects) {
        for refusal in effects.refused {
            let number = refusal.message
            expect(refused.insert(number).inserted, "refused twice")
            expect(
                kinds[number] != .good || nacks[number] ?? 0 >= PublishMachine<Int>.nackLimit
                    || suspicions[number]?.count ?? 0 >= PublishMachine<Int>.suspicionLimit,
                "a good message is refused"
            )
        }
        for number in effects.confirmed { expect(delivered.contains(number), "confirmed by nobody") }
        guard let through = effects.settledThrough?.index else { return }
        expect(through > mark, "settled twice")
        for number in mark + 1..<max(through + 1, mark + 1) {
            expect(
                delivered.contains(number) || refused.contains(number) || dropped.contains(number),
                "settled, and neither delivered nor refused nor dropped"
            )
        }
        mark = max(mark, through)
    }

    private var nanoseconds: UInt64 { now * 1_000_000 }

    /// As `#expect`, which is too slow for a million steps.
    private func expect(
        _ isTrue: Bool,
        _ text: @autoclosure () -> Comment = "",
        at location: SourceLocation = #_sourceLocation
    ) {
        if !isTrue { Issue.record(text(), sourceLocation: location) }
    }
}
