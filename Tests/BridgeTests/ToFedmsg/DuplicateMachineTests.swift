import Fedmsg
import NIOCore
import Spool
import Testing

@testable import Bridge

@Suite(.timeLimit(.minutes(5))) struct DuplicateMachineTests {
    private static let second: Int64 = 1_000_000

    private var machine = DuplicateMachine(seconds: 60)
    /// Runs that have ended, of all that there are.
    private var ended: Set<UInt64> = []

    /// What comes of a message that a run brings.
    private mutating func receive(
        _ number: UInt64,
        from epoch: UInt64,
        tag: UInt64 = 1,
        at time: Int64 = 0
    ) -> DuplicateMachine.Standing {
        machine.received(.numbered(number), as: DeliveryReference(epoch: epoch, tag: tag), at: time)
    }

    /// Whose copies are duplicates once a message is sent.
    private mutating func send(_ number: UInt64, at time: Int64 = 0) -> [DeliveryReference] {
        machine.sent(.numbered(number), at: time).duplicates.map(\.reference)
    }

    /// What goes out once nothing of a run is sent any more.
    private mutating func end(_ epoch: UInt64, isResting: Bool = false) -> [DeliveryReference] {
        ended.insert(epoch)
        return machine.forgot(epoch, isResting: isResting) { [ended] in !ended.contains($0.epoch) }.map(\.reference)
    }

    @Test mutating func `one that is on its way is a duplicate's first in its run, and has copies in others`() {
        #expect(receive(1, from: 1) == .first)
        #expect(receive(1, from: 1, tag: 2) == .duplicate)
        #expect(receive(1, from: 2) == .copy)
        #expect(receive(2, from: 2, tag: 2) == .first)
    }

    @Test mutating func `one that was sent is known to every run, until the window ends`() {
        #expect(receive(1, from: 1) == .first)
        #expect(send(1, at: Self.second) == [])
        #expect(receive(1, from: 1, tag: 2, at: Self.second) == .duplicate)
        #expect(receive(1, from: 2, at: 61 * Self.second) == .duplicate)
        #expect(receive(1, from: 2, tag: 2, at: 61 * Self.second + 1) == .first)
    }

    @Test mutating func `copies are duplicates once their first is sent, and no sooner`() {
        for epoch: UInt64 in 1...3 { _ = receive(1, from: epoch) }
        _ = receive(2, from: 1, tag: 2)
        #expect(send(2) == [])
        #expect(send(1) == [.init(epoch: 2, tag: 1), .init(epoch: 3, tag: 1)])
        #expect(send(1) == [])
    }

    @Test mutating func `where the first's run ends, one copy goes in its place, and the others wait for that`() {
        for epoch: UInt64 in 1...3 { _ = receive(1, from: epoch) }
        #expect(end(1) == [.init(epoch: 2, tag: 1)])
        #expect(receive(1, from: 4) == .copy)
        #expect(receive(1, from: 2, tag: 2) == .duplicate)
        #expect(send(1) == [.init(epoch: 3, tag: 1), .init(epoch: 4, tag: 1)])
    }

    @Test mutating func `what goes in the place of others goes by run and tag`() {
        for number: UInt64 in 1...20 { _ = receive(number, from: 1, tag: number) }
        for number: UInt64 in 1...20 { _ = receive(number, from: 2 + number % 2, tag: 21 - number) }
        let order = end(1)
        #expect(order.count == 20)
        #expect(order.map(\.epoch) == Array(repeating: 2, count: 10) + Array(repeating: 3, count: 10))
        #expect(order.prefix(10).map(\.tag) == order.prefix(10).map(\.tag).sorted())
        #expect(order.suffix(10).map(\.tag) == order.suffix(10).map(\.tag).sorted())
    }

    @Test mutating func `where a copy's run ends, it is neither sent nor a duplicate: it comes again`() {
        for epoch: UInt64 in 1...3 { _ = receive(1, from: epoch) }
        #expect(end(2) == [])
        #expect(end(1) == [.init(epoch: 3, tag: 1)])
        #expect(receive(1, from: 4) == .copy)
        #expect(end(3) == [.init(epoch: 4, tag: 1)])
        #expect(send(1) == [])
    }

    @Test mutating func `where all that had it have ended, it is first when it comes again`() {
        _ = receive(1, from: 1)
        _ = receive(1, from: 2)
        ended = [1, 2]
        #expect(end(1) == [])
        #expect(end(2) == [])
        #expect(receive(1, from: 3) == .first)
    }

    @Test mutating func `while consumers are told to rest, nothing goes in the place of another`() {
        for epoch: UInt64 in 1...2 { _ = receive(1, from: epoch) }
        #expect(end(1, isResting: true) == [])
        #expect(end(2, isResting: true) == [])
        #expect(receive(1, from: 3) == .first)
        #expect(send(1) == [])
    }

    @Test mutating func `another body of one that was sent is rewritten`() {
        #expect(!machine.sent(.numbered(1), at: 0).isRewritten)
        #expect(!machine.sent(.numbered(2), at: 0).isRewritten)
        #expect(machine.sent(.numbered(1, body: 1), at: 0).isRewritten)
    }

    @Test mutating func `without a window every message is first`() {
        machine = DuplicateMachine(seconds: 0)
        #expect(receive(1, from: 1) == .first)
        #expect(send(1) == [])
        for epoch: UInt64 in 1...2 { #expect(receive(1, from: epoch, tag: 2) == .first) }
        #expect(end(1) == [])
    }
}

extension MessageDigest {
    fileprivate static func numbered(_ number: UInt64, body: UInt64 = 0) -> MessageDigest {
        MessageDigest(high: number << 16, low: body)
    }
}

extension ToFedmsgTranslator.Translation {
    fileprivate static func numbered(_ number: UInt64) -> Self {
        Self(
            envelope: OutgoingEnvelope(
                i: nil,
                messageID: "2026-\(number)",
                timestamp: nil,
                topic: "a",
                username: nil
            ),
            body: ByteBuffer(),
            identity: .numbered(number)
        )
    }
}
