import Testing

@testable import Spool

@Suite struct DuplicateWindowTests {
    let digest = MessageDigest(high: 1, low: 2)

    @Test func `a window of no length knows nothing, and a clock that is set back ends none`() {
        var none = DuplicateWindow(seconds: 0)
        let digest = MessageDigest(high: 1, low: 2)
        none.insert(digest, at: 5)
        #expect(!none.contains(digest, at: 5))
        var window = DuplicateWindow(seconds: 600)
        window.insert(digest, at: 7_200_000_000)
        #expect(window.contains(digest, at: 6_600_000_000))
        #expect(!window.contains(digest, at: 0))
    }

    @Test(arguments: [(0, true), (600, true), (601, false), (-5, true)] as [(Int64, Bool)])
    func `a message is known for the window's length by its time of receipt`(later: Int64, known: Bool) {
        var window = DuplicateWindow(seconds: 600)
        window.insert(digest, at: 1_000_000_000)

        #expect(window.contains(digest, at: 1_000_000_000 + later * 1_000_000) == known)
    }

    @Test func `a message that passes again is known from then on`() {
        var window = DuplicateWindow(seconds: 10, capacity: 3)
        window.insert(digest, at: 0)
        window.insert(MessageDigest(high: 0, low: 0), at: 9_000_000)
        window.insert(digest, at: 10_000_001)
        window.insert(MessageDigest(high: 0, low: 1), at: 12_000_000)

        #expect(window.contains(digest, at: 20_000_000))
        #expect(window.count == 3)
    }

    @Test func `a message of the same name and another body is told, within the window's length`() {
        var window = DuplicateWindow(seconds: 10)
        let another = MessageDigest(high: 1, low: 3)
        #expect(!window.containsAnother(another, at: 0))
        window.insert(digest, at: 0)

        #expect(window.containsAnother(another, at: 10_000_000))
        #expect(!window.containsAnother(another, at: 10_000_001))
        #expect(!window.containsAnother(digest, at: 0))
        #expect(!window.containsAnother(MessageDigest(high: 1 << 16, low: 2), at: 0))
        window.insert(another, at: 5_000_000)
        #expect(window.contains(digest, at: 5_000_000) && window.contains(another, at: 5_000_000))
    }

    @Test func `the oldest go when the window is full`() {
        var window = DuplicateWindow(seconds: 600, capacity: 100)
        for number in 0..<250 { window.insert(MessageDigest(high: 0, low: UInt64(number)), at: 0) }

        #expect(window.count == 100)
        #expect(
            (0..<250).filter { window.contains(MessageDigest(high: 0, low: UInt64($0)), at: 0) } == Array(150..<250)
        )
    }

    @Test func `500,000 ids take at most 32 bytes each and a little`() {
        var window = DuplicateWindow(seconds: 600)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500_000 { window.insert(MessageDigest(high: random.next(), low: random.next()), at: 0) }

        #expect(window.count == 500_000)
        #expect(window.memory <= 33 * 500_000)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `any order of messages is judged as by a list`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let capacity = Int.random(in: 1...40, using: &random)
        var window = DuplicateWindow(seconds: 1, capacity: capacity)
        var model: [DuplicateWindow.Entry] = []
        var now: Int64 = 0

        for _ in 0..<2_000 {
            now += Int64.random(in: 0...150_000, using: &random)
            // Few values, and many that share a slot.
            let name = UInt64.random(in: 0...5, using: &random)
            let high = name << 16 | UInt64.random(in: 0...3, using: &random)
            let digest = MessageDigest(high: high, low: random.next() & 1 << 40)
            let hasAnother = model.contains {
                $0.digest.name == name && $0.digest != digest && now - $0.receivedAt <= 1_000_000
            }
            #expect(!window.containsAnother(digest, at: now) || hasAnother, "seed \(seed)")
            let known = model.last { $0.digest == digest }.map { now - $0.receivedAt <= 1_000_000 } ?? false
            #expect(window.contains(digest, at: now) == known, "seed \(seed)")
            guard !known else { continue }
            window.insert(digest, at: now)
            model.removeAll { now - $0.receivedAt > 1_000_000 }
            model = (model + [DuplicateWindow.Entry(digest: digest, receivedAt: now)]).suffix(capacity)
        }
    }
}
