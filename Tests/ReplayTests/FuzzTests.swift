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
