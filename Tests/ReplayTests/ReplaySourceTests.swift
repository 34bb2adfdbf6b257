import Testing

@testable import Replay

@Suite struct ReplaySourceTests {
    /// Cancels the task with its first report.
    private final class StoppingOutput: ReplayOutput {
        func write(_ lines: [UInt8]) {}
        func report(_ line: String) { withUnsafeCurrentTask { $0?.cancel() } }
        func progress(_ progress: ReplayProgress) {}
    }

    private static let rejected = #"{"topic": "a"}"#
    private static let leftOut = #"{"msg": {}, "topic": "b"}"#
    private static let wanted = #"{"msg": {}, "topic": "a"}"#

    @Test(
        "A stop is heeded whatever follows, which is left for the next run",
        arguments: [
            (CaptureFormat.jsonl, [leftOut, rejected, leftOut], 3), (.jsonl, [leftOut, rejected, rejected], 3),
            (.jsonl, [leftOut, rejected, "no JSON"], 3), (.jsonl, [leftOut, rejected, wanted], 3),
            // All but the first are read already.
            (.datagrepper, [leftOut, "[\(rejected), \(leftOut),\n\(leftOut)]"], 2),
        ]
    )
    func stop(format: CaptureFormat, lines: [String], line: Int) async throws {
        try await Task {
            let capture = try Capture(lines.joined(separator: "\n") + "\n")
            var options = ReplayOptions(paths: [capture.path])
            options.format = format
            options.selection.topics = [TopicPattern("a")]
            let source = try ReplaySource(options, output: StoppingOutput())
            for _ in 1...2 {
                let item = try source.next()
                #expect(item == nil)
                #expect(source.counts.description == "2 read, 0 translated, 1 dropped, 1 rejected")
                #expect(source.stopped?.line == line)
            }
        }.value
    }

    @Test("At the end there is nothing to stop")
    func end() async throws {
        try await Task {
            let capture = try Capture(Self.rejected)
            let source = try ReplaySource(ReplayOptions(paths: [capture.path]), output: StoppingOutput())
            let item = try source.next()
            #expect(item == nil)
            #expect(source.stopped == nil)
            #expect(source.isAtEnd)
        }.value
    }

    @Test("A stop is heeded before the first line too")
    func beforeFirstLine() async throws {
        try await Task {
            let capture = try Capture([Self.wanted, Self.wanted, Self.wanted].joined(separator: "\n"))
            let reader = try CaptureReader(paths: [capture.path], format: .jsonl, startLine: 3)
            withUnsafeCurrentTask { $0?.cancel() }
            #expect(throws: CancellationError.self) { try reader.next() }
            #expect(reader.nextLine == 3)
        }.value
    }
}
