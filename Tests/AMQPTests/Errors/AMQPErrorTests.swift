import Testing

@testable import AMQP

@Suite("AMQPError")
struct AMQPErrorTests {
    @Test("prints one line: code, sentence, subject, endpoint, the broker's words")
    func prints() {
        let error = AMQPError(
            .channelClosedByBroker,
            "the broker closed the channel",
            reply: AMQPReply(code: .notFound, text: "NOT_FOUND - no queue 'q' in vhost '/'"),
            subject: .queue("q"),
            endpoint: "host:5672"
        )
        #expect(
            error.description
                == "channelClosedByBroker: the broker closed the channel [queue 'q'] at host:5672: "
                + "404 NOT_FOUND - no queue 'q' in vhost '/'"
        )
    }

    @Test("escapes control characters that a peer sent", arguments: ["\n", "\u{1b}[2J", "\u{2028}", "\u{85}", "\0"])
    func escapes(text: String) {
        let error = AMQPError(.connectionLost, "lost", reply: AMQPReply(code: .connectionForced, text: "a\(text)b"))
        #expect(!error.description.contains(text))
        #expect(error.description.contains("\\u{"))
    }

    @Test("keeps the subject that was known deeper down")
    func subjects() {
        let error = AMQPError(.topologyFailed, "no").about(.queue("q")).about(.exchange("e"))
        #expect(error.subject == .queue("q"))
    }

    @Test("names the code of a reply that gives no text")
    func codeWithoutText() {
        #expect(AMQPReply(code: .internalError, text: "").description == "541 INTERNAL_ERROR - ")
        #expect(AMQPReply(code: AMQPReplyCode(rawValue: 999), text: "odd").description == "999 odd")
    }
}
