import Testing

@testable import Replay

@Suite struct TopicPatternTests {
    @Test(
        "fits as in AMQP's topic exchanges",
        arguments: [
            ("#", "", true), ("#", "a.b", true), ("a.#", "a", true), ("a.#", "a.b.c", true), ("a.#", "b", false),
            ("*", "a", true), ("*", "a.b", false), ("*.b", "a.b", true), ("#.b", "a.c.b", true), ("#.b", "b", true),
            ("a.*.c", "a.b.c", true), ("a.*.c", "a.c", false), ("#.#", "", true), ("a.#.c.#", "a.b.c.d", true),
            ("a.b", "a.b", true), ("a.b", "a", false), ("", "", true), ("*", "", true), ("a", "", false),
        ]
    )
    func matches(pattern: String, topic: String, fits: Bool) {
        #expect(TopicPattern(pattern).matches(topic) == fits)
    }
}
