import Bridge
import Testing

@Suite("Text from messages in a log line")
struct PrintableTests {
    @Test(
        "A value ends where its quotation ends, whatever is in it",
        arguments: [
            ("a.b", "a.b"), ("", #""""#), (#"a\b"#, #"a\b"#), ("a b", #""a b""#), (#"a" x=1"#, #""a\" x=1""#),
            (#"a\" x=1 y"#, #""a\\\" x=1 y""#), (#"a b\"#, #""a b\\""#), ("=\"\u{301}", "\"=\\\"\u{301}\""),
        ]
    )
    func quotes(text: String, line: String) {
        #expect(Printable.value(text) == line)
    }
}
