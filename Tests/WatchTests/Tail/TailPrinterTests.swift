import Bridge
import NIOCore
import Testing

@testable import Watch

@Suite struct TailPrinterTests {
    private static let envelope = #"{"i": 1, "msg": {"n": 1.0, "a": []}, "timestamp": 1564513942, "topic": "a.b"}"#

    private static func print(
        _ payload: String,
        topic: String = "a.b",
        form: TailPrinter.Form = .line,
        patterns: [String] = [],
        isForTerminal: Bool = false
    ) throws -> String {
        var printer = TailPrinter(form: form, topics: patterns, isForTerminal: isForTerminal)
        let heard = Heard(place: .publishers, topic: ByteBuffer(string: topic), payload: ByteBuffer(string: payload))
        var output: [UInt8] = []
        try printer.write(heard, at: 0, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("A line has the message's own time, the topic and the envelope as it is")
    func line() throws {
        #expect(try Self.print(Self.envelope) == "2019-07-30T19:12:22+00:00 a.b \(Self.envelope)\n")
        #expect(try Self.print(Self.envelope, form: .json) == Self.envelope + "\n")
    }

    @Test("Pretty output keeps every scalar as it stands")
    func pretty() throws {
        let expected = """
            2019-07-30T19:12:22+00:00 a.b
            {
                "i": 1,
                "msg": {
                    "n": 1.0,
                    "a": []
                },
                "timestamp": 1564513942,
                "topic": "a.b"
            }

            """
        #expect(try Self.print(Self.envelope, form: .pretty) == expected)
    }

    @Test("A topic forges neither a line nor a message")
    func topic() throws {
        let topic = "a\n<0>\r\t\u{1B}[2J{\"msg\":{}}.\u{9B}é\u{202E}日\u{E0001}b"
        let plain = #"a\n<0>\r\t\x1b[2J\x7b"msg":\x7b\x7d\x7d.\x9bé\u202e日\U000e0001b"#
        let printed = try Self.print(Self.envelope, topic: topic)
        #expect(printed == "2019-07-30T19:12:22+00:00 \(plain) \(Self.envelope)\n")
    }

    @Test("On a terminal control and formatting characters in strings are escapes of the same text")
    func terminal() throws {
        let envelope = "{\"msg\": {\"a\": \"\u{7F}\u{9B}2J\u{202E}é\u{E0001}\"}}"
        let escaped = #"{"msg": {"a": "\u007f\u009b2J\u202eé\udb40\udc01"}}"#
        #expect(try Self.print(envelope, form: .json, isForTerminal: true) == escaped + "\n")
        #expect(try Self.print(envelope, form: .json) == envelope + "\n")
    }

    @Test("Patterns are AMQP's")
    func patterns() throws {
        #expect(try !Self.print(Self.envelope, patterns: ["x.#", "a.*"]).isEmpty)
        #expect(try Self.print(Self.envelope, patterns: ["a", "*"]).isEmpty)
    }

    @Test(
        "ZeroMQ's prefix is what stands before the first wildcard",
        arguments: [("#", ""), ("a.b.#", "a.b"), ("a.*.c", "a"), ("a.b", "a.b"), ("*.b", "")]
    )
    func prefix(pattern: String, prefix: String) {
        #expect(Tail.prefixes([pattern]) == [prefix])
    }

    @Test("What is no envelope is refused with its reason, and described on one line")
    func refused() {
        let heard = Heard(place: .publishers, topic: ByteBuffer(string: "a\nb"), payload: ByteBuffer(string: "{\n"))
        var printer = TailPrinter(form: .line, topics: [], isForTerminal: false)
        var output: [UInt8] = []
        #expect {
            try printer.write(heard, at: 0, to: &output)
        } throws: { error in
            guard let rejection = error as? Rejection else { return false }
            let line = TailPrinter.line(heard, rejection)
            return rejection.reason == .badJSON && !line.contains("\n") && line.hasPrefix(#"{"reason":"bad_json""#)
        }
        #expect(output.isEmpty)
    }
}
