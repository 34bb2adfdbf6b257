import NIOCore
import Testing

@testable import Spool

/// A machine, a disk and a publisher driven by chance, beside a model that is nothing but lists.
struct JournalSimulation {
    private var random: SeededGenerator
    private let limits: JournalMachine.Limits
    private var machine: JournalMachine
    private var disk = SimulatedDisk()

    /// What the sink must get in this run, in order, and how much of it it got.
    private var stream: [Int] = []
    private var delivered = 0
    /// In flight: handed over and not settled, or rejected past such a one.
    private var open: [(position: JournalPosition, number: Int)] = []
    /// Reported as rejected, past a message that is still open.
    private var rejectedPastHole: Set<Int> = []
    private var committed: Set<Int> = []
    private var confirmed: Set<Int> = []
    private var rejected: Set<Int> = []
    private var next = 0
    private var tickets: UInt64 = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        limits = JournalMachine.Limits(
            windowMessages: Int.random(in: 1...40, using: &random),
            windowBytes: Int.random(in: 40...2_000, using: &random),
            transactionBytes: Int.random(in: 1...400, using: &random),
            pageBytes: Int.random(in: 1...400, using: &random),
            recentBytes: Int.random(in: 0...600, using: &random),
            digests: 30,
            letterBytes: Int.random(in: 9...200, using: &random)
        )
        machine = JournalMachine(limits: limits)
    }

    /// One random event, and whatever the machine wants done after it.
    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<35: accept()
        case 35..<60: settle()
        case 60..<75: reject()
        case 75..<80: keep()
        case 80..<84: machine.remember([DuplicateWindow.Entry(digest: MessageDigest(high: 0, low: 0), receivedAt: 0)])
        case 84..<90:
            disk.mood =
                Bool.random(using: &random) ? .well : SimulatedDisk.Mood.allCases.randomElement(using: &random) ?? .well
        case 90..<98: machine.probe()
        case 98: kill()
        default: handOver()
        }
        if Bool.random(using: &random) { deliver(machine.handOverUnwritten(), origin: .live) }
        if Int.random(in: 0..<4, using: &random) > 0 { write() }
        if Int.random(in: 0..<8, using: &random) > 0 { handOver() }
        if Int.random(in: 0..<3, using: &random) == 0 { check() }
    }

    /// Whatever happened, once the disk is well and all is settled nothing is left.
    mutating func settleEverything() {
        disk.mood = .well
        machine.probe()
        for _ in 0..<10_000 where delivered < stream.count || !open.isEmpty || machine.refusal != nil {
            write()
            handOver()
            if let last = open.last { settle(through: last.position) }
        }
        write()
        check()
        expect(disk.rows.isEmpty)
        expect(machine.counts.messages == 0 && machine.counts.bytes == 0)
        expect(machine.refusal == nil && machine.letters.isEmpty && machine.holes.isEmpty)
        expect(disk.buried.isSuperset(of: rejected.intersection(committed)))
    }
}

extension JournalSimulation {
    private mutating func accept() {
        guard stream.count - delivered < 60 else { return }
        var batch = ReceivedBatch(receivedAt: Int64(next))
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            batch.append(frames: [ByteBuffer(string: "t"), ByteBuffer(integer: next)])
            next += 1
        }
        machine.accept(batch)
        stream += batch.numbers
    }

    private mutating func settle() {
        guard let upTo = open.indices.randomElement(using: &random) else { return }
        settle(through: open[upTo].position)
    }

    private mutating func settle(through position: JournalPosition) {
        let done = open.prefix { $0.position <= position }
        for message in done where !rejectedPastHole.contains(message.number) { confirmed.insert(message.number) }
        rejectedPastHole.subtract(done.map(\.number))
        open.removeFirst(done.count)
        machine.settle(through: position)
        dropRejectedFront()
    }

    private mutating func reject() {
        guard let message = open.randomElement(using: &random) else { return }
        let isNew = rejectedPastHole.insert(message.number).inserted
        rejected.insert(message.number)
        expect(machine.reject(at: message.position, letter(message.number)) == isNew)
        dropRejectedFront()
    }

    private mutating func dropRejectedFront() {
        while let first = open.first, rejectedPastHole.remove(first.number) != nil { open.removeFirst() }
    }

    private mutating func keep() {
        tickets += 1
        machine.change(.kept(letter(-1), ticket: tickets))
    }

    private func letter(_ number: Int) -> DeadLetter {
        DeadLetter(
            direction: .toAMQP,
            reason: "refused",
            detail: String(number),
            topic: "t",
            frames: [ByteBuffer(integer: number)],
            receivedAt: 0,
            rejectedAt: 0
        )
    }

    private mutating func write() {
        while let transaction = machine.nextTransaction() {
            if let refusal = disk.write(transaction) {
                machine.refuse(refusal)
                continue
            }
            for entry in transaction.rows { committed.formUnion(entry.batch.numbers) }
            deliver(machine.committed(transaction), origin: .live)
        }
    }

    private mutating func handOver() {
        while true {
            let recent = machine.handOverRecent()
            deliver(recent, origin: .live)
            guard recent.isEmpty else { continue }
            guard let page = machine.nextPage() else { break }
            let (rows, isLast) = disk.read(page)
            deliver(machine.read(rows, isLast: isLast), origin: nil)
        }
        deliver(machine.handOverUnwritten(), origin: .live)
    }

    private mutating func deliver(_ batches: [JournalledBatch], origin: JournalledBatch.Origin?) {
        for batch in batches {
            if let origin { expect(batch.origin == origin) }
            expect(open.count < limits.windowMessages, "a batch begins beyond the window")
            for (index, number) in batch.batch.numbers.enumerated() {
                expect(delivered < stream.count && number == stream[delivered])
                delivered += 1
                open.append((batch.position(at: index), number))
            }
        }
    }

    /// Ends the process: what is in memory is gone, and a new machine begins with the disk.
    private mutating func kill() {
        let found = disk.unsettled
        // A kill loses what was never written, and forgets at most reports that were not written.
        expect(Set(found).isSuperset(of: committed.subtracting(confirmed).subtracting(rejected)))
        committed = Set(found)
        confirmed = []
        rejected = []
        rejectedPastHole = []
        open = []
        stream = found
        delivered = 0
        disk.forgetLetters()
        machine = disk.recover(limits)
    }

    private func check() {
        let unsettled = disk.unsettled
        let buried = disk.buried
        // Rejected and journalled: still in the journal, or a dead letter.
        let missing = rejected.intersection(committed).subtracting(unsettled).subtracting(buried)
        expect(missing.isEmpty, "neither in the journal nor a dead letter")
        expect(buried.isDisjoint(with: unsettled), "in the journal, and a dead letter")
        expect(buried.isDisjoint(with: confirmed), "confirmed, and a dead letter")
        expect(Set(unsettled).isSuperset(of: committed.subtracting(confirmed).subtracting(rejected)))
        expect(disk.isMarkWithinRows)

        expect(machine.counts.flightMessages == open.count)
        expect(machine.counts.queuedMessages == machine.queue.reduce(0) { $0 + $1.batch.count })
        expect(machine.counts.queuedBytes == machine.queue.reduce(0) { $0 + $1.batch.byteCount })
        let unwritten =
            machine.letters.reduce(0) { $0 + $1.byteCount } + machine.holes.values.reduce(0) { $0 + $1.byteCount }
        expect(machine.counts.letterBytes == unwritten)
        expect(machine.recentBytes == machine.recent.reduce(0) { $0 + $1.batch.memory })
        expect(machine.recentBytes <= limits.recentBytes && machine.recent.count <= machine.counts.backlogMessages)
        let unreceived = machine.queue.filter { !$0.isReceived }.reduce(0) { $0 + $1.batch.count }
        expect(machine.counts.messages == stream.count - delivered - unreceived + open.count)
    }

    /// As `#expect`, which is too slow for a million steps.
    private func expect(
        _ isTrue: Bool,
        _ text: Comment? = nil,
        at location: SourceLocation = #_sourceLocation
    ) {
        if !isTrue { Issue.record(text ?? "", sourceLocation: location) }
    }
}
