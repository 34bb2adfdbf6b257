import Foundation
import Testing

@testable import Replay

/// Every reader takes any bytes: it ends, and counts what it read.
@Suite struct FuzzTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    @Test(
        "mutated captures are read to their end",
        arguments: ["tail.txt", "pretty.txt", "really-pretty.txt", "page.json", "messages.jsonl"],
        CaptureFormat.allCases
    )
    func mutations(name: String, format: CaptureFormat) throws {
        let original = [UInt8](try Data(contentsOf: Self.folder.appending(path: name)))
        var random = Xorshift(seed: 0x5EED)
        for _ in 0..<30 {
            var bytes = original
            for _ in 0...random.next(below: 8) { random.mutate(&bytes) }
            for direction in ReplayDirection.allCases {
                guard let result = try? Capture(bytes).dryRun(to: direction, format: format) else { continue }
                #expect(result.counts.read == result.counts.translated + result.counts.rejected)
                #expect(result.lines.count == result.counts.translated)
            }
        }
    }
}

private struct Xorshift: RandomNumberGenerator {
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
