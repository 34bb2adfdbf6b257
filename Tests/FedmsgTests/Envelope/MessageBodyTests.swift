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

    @Test("a body may have as many levels as leave one for the envelope round it")
    func levels() throws {
        let nested = { (levels: Int) in
            #"{"a":"# + String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1) + "}"
        }
        try check(nested(899))
        #expect(throws: EnvelopeError.badJSON(JSONError(offset: 0, expected: .fewerLevels))) { try check(nested(900)) }
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
