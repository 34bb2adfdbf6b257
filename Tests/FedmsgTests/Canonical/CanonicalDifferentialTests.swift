import Fedmsg
import Foundation
import Testing

@Suite("CanonicalForm beside Python", .timeLimit(.minutes(10)))
struct CanonicalDifferentialTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// `FEDMSG_BRIDGE_DIFFERENTIAL_CASES` asks for more, `FEDMSG_BRIDGE_DIFFERENTIAL_SEED` for the same again.
    private static let caseCount = environment["FEDMSG_BRIDGE_DIFFERENTIAL_CASES"].flatMap(Int.init) ?? 20_000
    private static let seed =
        environment["FEDMSG_BRIDGE_DIFFERENTIAL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1 << 32)
    private static let batch = 10_000

    @Test("any text has Python's verdict and Python's bytes")
    func agreesOnTexts() async throws {
        print("differential test: \(Self.caseCount) texts, seed \(Self.seed)")
        var json = NastyJSON(seed: Self.seed)
        var valid = 0
        for first in stride(from: 0, to: Self.caseCount, by: Self.batch) {
            let texts = (first..<min(first + Self.batch, Self.caseCount)).map { _ in json.next() }
            valid += try await compare(texts.map { [UInt8(ascii: "w")] + $0 }) { form, text, output in
                try form.write(text, to: &output)
            }
        }
        print("differential test: \(valid) of \(Self.caseCount) texts are JSON")
        #expect(valid * 4 > Self.caseCount * 3 && valid * 20 < Self.caseCount * 19)
    }

    @Test("what of an envelope is signed are Python's bytes, live and out of datanommer", arguments: ["s", "d"])
    func agreesOnEnvelopes(_ mode: String) async throws {
        print("differential test: envelopes (\(mode)), seed \(Self.seed)")
        var json = NastyJSON(seed: Self.seed)
        let cases = (0..<Self.caseCount / 10).map { _ in Array(mode.utf8) + json.nextEnvelope() }
        let valid = try await compare(cases) { form, bytes, output in
            try form.writeSigned(Envelope(bytes), in: bytes, isStored: mode == "d", to: &output)
        }
        #expect(valid > cases.count / 4)
    }

    /// - Returns: how many Python has a canonical form of.
    private func compare(
        _ cases: [[UInt8]],
        _ write: (inout CanonicalForm, RawSpan, inout [UInt8]) throws -> Void
    ) async throws -> Int {
        let answers = try await PythonPeer.canonical(cases)
        #expect(answers.count == cases.count)
        var form = CanonicalForm()
        var valid = 0
        for (bytes, answer) in zip(cases, answers) {
            let text = Array(bytes.dropFirst())
            var output: [UInt8] = []
            let ours = (try? write(&form, text.span.bytes, &output)) != nil ? output : nil
            if answer != nil { valid += 1 }
            if ours != answer {
                Issue.record(
                    "seed \(Self.seed): \(excerpt(text)) is \(excerpt(answer)) to Python, here \(excerpt(ours))"
                )
            }
        }
        return valid
    }

    private func excerpt(_ bytes: [UInt8]?) -> String {
        guard let bytes else { return "an error" }
        return String(decoding: bytes.prefix(400), as: UTF8.self).debugDescription + " (\(bytes.count) bytes)"
    }
}
