import Fedmsg
import Testing

@Suite("MessageBody")
struct MessageBodyTests {
    private func check(_ text: String) throws {
        let bytes = Array(text.utf8)
        try MessageBody.check(bytes.span.bytes)
    }

    @Test("an object is a body, with white space around it too", arguments: ["{}", #" {"a": [1]}"# + "\n"])
    func takesObjects(_ text: String) throws {
        try check(text)
    }

    @Test(
        "anything else is none",
        arguments: [
            ("[]", .bodyNotAnObject(.array)), (#"[{"a":1}]"#, .bodyNotAnObject(.array)),
            ("null", .bodyNotAnObject(.null)),
            (#""{}""#, .bodyNotAnObject(.text(escaped: false))), ("", .badJSON(JSONError(offset: 0, expected: .value))),
            ("{}{}", .badJSON(JSONError(offset: 2, expected: .end))),
        ] as [(String, EnvelopeError)]
    )
    func refuses(_ text: String, _ error: EnvelopeError) {
        #expect(throws: error) { try check(text) }
    }
}
