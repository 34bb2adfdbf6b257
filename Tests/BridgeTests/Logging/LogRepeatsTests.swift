import Logging
import Testing

@testable import Bridge

@Suite struct LogRepeatsTests {
    private static let minute = LogRepeats.interval

    private static func line(_ error: String, seconds: Int = 0) -> LogRepeats.Line {
        LogRepeats.Line(level: .warning, message: "lost", metadata: ["error": error, "seconds": "\(seconds)"])
    }

    @Test("The same trouble comes once a minute, with how often it was held back")
    func repeats() {
        var repeats = LogRepeats()
        #expect(repeats.pass(Self.line("a"), now: 0) == [Self.line("a")])
        #expect(repeats.pass(Self.line("b"), now: 1) == [Self.line("b")], "another error is another trouble")
        for second in 1...7 { #expect(repeats.pass(Self.line("a", seconds: second), now: 2).isEmpty) }
        #expect(repeats.pass(Self.line("a"), now: Self.minute - 1).isEmpty)
        var summary = Self.line("a")
        summary.metadata["repeated"] = "8"
        let lines = repeats.pass(Self.line("b"), now: Self.minute + 1)
        #expect(lines == [summary, Self.line("b")])
        #expect(repeats.pass(Self.line("a"), now: Self.minute + 2).isEmpty)
    }

    @Test("What is no trouble always passes")
    func information() {
        var repeats = LogRepeats()
        let line = LogRepeats.Line(level: .notice, message: "connected", metadata: [:])
        for _ in 0..<3 { #expect(repeats.pass(line, now: 0) == [line]) }
    }

    @Test("What was held back comes after a minute though nothing else does, and at the end at once")
    func held() {
        var repeats = LogRepeats()
        for _ in 0..<3 { _ = repeats.pass(Self.line("a"), now: 0) }
        #expect(repeats.due(Self.minute - 1).isEmpty)
        #expect(repeats.due(Self.minute).map(\.metadata["repeated"]) == ["2"])
        _ = repeats.pass(Self.line("a"), now: Self.minute + 1)
        #expect(repeats.due(nil).map(\.metadata["repeated"]) == ["1"])
        #expect(repeats.due(nil).isEmpty)
    }

    @Test("However many kinds there are, a bounded number is remembered, and no count is lost")
    func bounded() {
        var repeats = LogRepeats()
        _ = repeats.pass(Self.line("first"), now: 0)
        _ = repeats.pass(Self.line("first"), now: 0)
        var lines: [LogRepeats.Line] = []
        for number in 0..<LogRepeats.limit { lines += repeats.pass(Self.line("\(number)"), now: 0) }
        #expect(lines.contains { $0.metadata["repeated"] == "1" && $0.metadata["error"] == "first" })
        #expect(lines.count == LogRepeats.limit + 1)
    }
}
