import Testing

@testable import Watch

@Suite struct VerifyMachineTests {
    private static let second: UInt64 = 1_000_000_000

    /// A machine that has heard both buses for a while, with a window of a minute.
    private static func machine(limit: Int = 1 << 20) -> VerifyMachine {
        var machine = VerifyMachine(window: 60 * second, limit: limit, topicPrefix: "org.")
        machine.hears(.fedmsg, true, now: 0)
        machine.hears(.amqp, true, now: 0)
        return machine
    }

    private static func sighting(
        _ number: UInt64,
        at place: Heard.Place,
        topic: String = "a.b",
        body: UInt64 = 1,
        isBridged: Bool = false,
        headers: [UInt64]? = [1]
    ) -> Sighting {
        Sighting(
            place: place,
            key: .init(high: 0, low: number),
            messageID: "2019-\(number)",
            topic: topic,
            body: .init(high: 0, low: body),
            isBridged: isBridged,
            headers: headers.map { Set($0.map { .init(high: 0, low: $0) }) }
        )
    }

    @Test("A copy within the window is well", arguments: [Heard.Place.publishers, .bridge])
    func well(place: Heard.Place) {
        for (first, second) in [(place, Heard.Place.amqp), (.amqp, place)] {
            var machine = Self.machine()
            #expect(machine.saw(Self.sighting(1, at: first), now: 2 * Self.second) == nil)
            #expect(!machine.isIdle)
            #expect(machine.saw(Self.sighting(1, at: second), now: 61 * Self.second) == nil)
            #expect(machine.isIdle)
            #expect(machine.expire(now: 1000 * Self.second).isEmpty)
            #expect(machine.finish().matched == 1)
            #expect(!machine.summary.hasFindings)
        }
    }

    @Test("Without a copy a message is reported when the window is over, and not before")
    func missing() {
        var machine = Self.machine()
        _ = machine.saw(Self.sighting(1, at: .publishers), now: 2 * Self.second)
        _ = machine.saw(Self.sighting(2, at: .amqp), now: 3 * Self.second)
        #expect(machine.expire(now: 62 * Self.second - 1).isEmpty)
        #expect(machine.expire(now: 62 * Self.second).map(\.verdict) == [.onlyFedmsg])
        #expect(machine.expire(now: 63 * Self.second).map(\.verdict) == [.onlyAMQP])
        #expect(machine.isIdle)
    }

    @Test("A copy that comes after all is no news of its own")
    func late() {
        var machine = Self.machine()
        _ = machine.saw(Self.sighting(1, at: .publishers), now: 2 * Self.second)
        #expect(machine.expire(now: 100 * Self.second).count == 1)
        #expect(machine.saw(Self.sighting(1, at: .amqp), now: 3000 * Self.second) == nil)
        #expect(machine.expire(now: 4000 * Self.second).isEmpty)
        #expect(machine.summary.late == 1)
    }

    @Test("What differs is named")
    func changed() {
        let cases: [(Sighting, String?)] = [
            (Self.sighting(1, at: .amqp, topic: "org.a.b"), nil),
            (Self.sighting(1, at: .amqp, topic: "org.x"), "differs: topic a.b on fedmsg, org.x on amqp"),
            (Self.sighting(1, at: .amqp, body: 2), "differs: body"),
            (Self.sighting(1, at: .amqp, body: 2, headers: [2]), "differs: body; headers"),
            (Self.sighting(1, at: .amqp, headers: []), "differs: headers"),
            (Self.sighting(1, at: .amqp, headers: [2, 3]), "differs: headers"),
            // The broker's own.
            (Self.sighting(1, at: .amqp, headers: [1, 2, 3]), nil),
        ]
        for (copy, detail) in cases {
            let fedmsg = Self.sighting(1, at: .publishers)
            for (first, second) in [(fedmsg, copy), (copy, fedmsg)] {
                var machine = Self.machine()
                _ = machine.saw(first, now: 0)
                let finding = machine.saw(second, now: 0)
                #expect(finding?.verdict == detail.map { _ in .changed })
                #expect(finding?.detail == detail)
            }
        }
        var machine = Self.machine()
        _ = machine.saw(Self.sighting(1, at: .bridge, headers: nil), now: 0)
        #expect(machine.saw(Self.sighting(1, at: .amqp, headers: [2]), now: 0) == nil, "an envelope from AMQP has none")
    }

    @Test("A message that is twice in one place is repeated, at two publishers of one bus it is not")
    func repeated() {
        var machine = Self.machine()
        #expect(machine.saw(Self.sighting(1, at: .publishers), now: 0) == nil)
        #expect(machine.saw(Self.sighting(1, at: .bridge), now: 0) == nil)
        #expect(machine.saw(Self.sighting(1, at: .amqp), now: 0) == nil)
        #expect(machine.saw(Self.sighting(1, at: .amqp), now: 0)?.verdict == .repeated)
        #expect(machine.saw(Self.sighting(1, at: .publishers), now: 0)?.detail == "2 times on fedmsg")
        #expect(machine.summary.verdicts[.repeated] == 2)
    }

    @Test("A message that comes again after its window is repeated, and lacks nothing")
    func repeatedLate() {
        var machine = Self.machine()
        for place in [Heard.Place.bridge, .amqp] { #expect(machine.saw(Self.sighting(1, at: place), now: 0) == nil) }
        #expect(machine.expire(now: 100 * Self.second).isEmpty)
        #expect(machine.saw(Self.sighting(1, at: .bridge), now: 100 * Self.second)?.verdict == .repeated)
        #expect(machine.expire(now: 200 * Self.second).isEmpty)
    }

    @Test("While a bus is not heard nothing is said to be missing there")
    func gap() {
        var machine = VerifyMachine(window: 10 * Self.second, limit: 1 << 20)
        machine.hears(.fedmsg, true, now: 0)
        // Before the broker was heard, in the second after, while it was away again, and after that.
        for (number, at) in [(1, 0), (2, 5), (3, 20), (4, 40)] as [(UInt64, UInt64)] {
            if at == 5 { machine.hears(.amqp, true, now: 5 * Self.second - 1) }
            if at == 40 { machine.hears(.amqp, true, now: 38 * Self.second) }
            _ = machine.saw(Self.sighting(number, at: .publishers), now: at * Self.second)
            if at == 20 { machine.hears(.amqp, false, now: 25 * Self.second) }
            let findings = machine.expire(now: (at + 10) * Self.second)
            #expect(findings.map(\.messageID) == (number == 4 ? ["2019-4"] : []), "\(number)")
        }
        #expect(machine.summary.unjudged == 3)
        #expect(machine.saw(Self.sighting(1, at: .amqp), now: 60 * Self.second) == nil)
        #expect(machine.isIdle)
    }

    @Test("What another bridge brought the way that is off here is not judged, and is well with its original")
    func otherBridge() {
        for (place, origin) in [(Heard.Place.publishers, Bus.amqp), (.amqp, .fedmsg)] {
            for origins in [[origin.other], [origin]] as [Set<Bus>] {
                var machine = VerifyMachine(window: 60 * Self.second, limit: 1 << 20, origins: origins)
                for bus in Bus.allCases { machine.hears(bus, true, now: 0) }
                _ = machine.saw(Self.sighting(1, at: place, isBridged: true), now: 2 * Self.second)
                _ = machine.saw(Self.sighting(2, at: place), now: 2 * Self.second)
                _ = machine.saw(Self.sighting(3, at: place, isBridged: true), now: 2 * Self.second)
                let original = Self.sighting(3, at: origin == .amqp ? .amqp : .publishers)
                #expect(machine.saw(original, now: 3 * Self.second) == nil)
                let missing = machine.expire(now: 100 * Self.second).map(\.messageID)
                #expect(missing == (origins == [origin] ? ["2019-1", "2019-2"] : ["2019-2"]))
                #expect((machine.summary.matched, machine.summary.unjudged) == (1, 2 - missing.count))
            }
        }
    }

    @Test("Where messages were never looked at, nothing that waits for its copy is judged")
    func missed() {
        var machine = Self.machine()
        _ = machine.saw(Self.sighting(1, at: .publishers), now: 20 * Self.second)
        _ = machine.saw(Self.sighting(2, at: .amqp), now: 20 * Self.second)
        machine.missed(0, now: 20 * Self.second)
        machine.missed(3, now: 21 * Self.second)
        _ = machine.saw(Self.sighting(3, at: .publishers), now: 30 * Self.second)
        #expect(machine.expire(now: 90 * Self.second).map(\.messageID) == ["2019-3"])
        #expect((machine.summary.unjudged, machine.summary.missed) == (2, 3))
    }

    @Test("Closed, it only waits for copies of what it has")
    func closed() {
        var machine = Self.machine()
        _ = machine.saw(Self.sighting(1, at: .publishers), now: 2 * Self.second)
        machine.close()
        _ = machine.saw(Self.sighting(2, at: .publishers), now: 3 * Self.second)
        #expect(machine.saw(Self.sighting(1, at: .amqp), now: 3 * Self.second) == nil)
        #expect(machine.isIdle)
        #expect(machine.finish().seen == [.fedmsg: 1, .amqp: 1])
    }

    @Test("What it remembers is bounded, and what falls out is not judged")
    func bounded() {
        var machine = Self.machine(limit: 100_000)
        for number in 0..<10_000 {
            _ = machine.saw(Self.sighting(UInt64(number), at: .publishers), now: 2 * Self.second)
        }
        let findings = machine.expire(now: 100 * Self.second)
        #expect((100..<1000).contains(findings.count))
        #expect(findings.last?.messageID == "2019-9999")
        #expect(machine.summary.unjudged + findings.count == 10_000)
        for number in 20_000..<30_000 {
            _ = machine.saw(Self.sighting(UInt64(number), at: .amqp), now: 200 * Self.second)
            _ = machine.saw(Self.sighting(UInt64(number), at: .bridge), now: 200 * Self.second)
        }
        #expect(machine.summary.matched == 10_000)
        #expect(machine.summary.unjudged + findings.count == 10_000)
    }
}
