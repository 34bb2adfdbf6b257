/// Random numbers that a seed gives again, and changes of bytes by them.
struct Xorshift: RandomNumberGenerator {
    private static let special = Array("{}[]()'\"\\\n,:uxL\u{1B}".utf8)

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func next(below bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let place = next(below: bytes.count)
        switch next(below: 5) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Self.special[next(below: Self.special.count)], at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + next(below: 200)))
        default:
            bytes.insert(
                contentsOf: bytes[place..<min(bytes.count, place + next(below: 200))],
                at: next(below: place + 1)
            )
        }
    }
}
