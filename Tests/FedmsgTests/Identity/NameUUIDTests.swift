import Testing

@testable import Fedmsg

@Suite struct NameUUIDTests {
    /// From Python: `uuid.uuid5(uuid.UUID("5ad78999-be89-5ebc-b367-64a381777c15"), topic + "\0" + envelope)`.
    @Test func `is the UUID that Python makes of namespace, topic, a zero byte and envelope`() {
        let id = NameUUID.fedmsg(
            topic: "org.example.t".utf8Span.span.bytes,
            envelope: #"{"msg":{}}"#.utf8Span.span.bytes
        )
        #expect(id == "354c0c56-ce50-559d-a996-0db8ddd46e53")
    }
}

@Suite struct MessageIdentityTests {
    @Test(arguments: [
        ("2019-a", true), ("2019a", false), ("201-a", false), ("20x9-a", false), ("", false), ("2019-", true),
    ])
    func `a year is four digits and a dash`(id: String, expected: Bool) {
        #expect(MessageIdentity.hasYear(id.utf8Span.span.bytes) == expected)
    }

    @Test func `the id's year makes no other message, topic and body do`() {
        let first = digest("2019-abc", "t", "{}")
        #expect(first == digest("abc", "t", "{}"))
        #expect(first == digest("2020-abc", "t", "{}"))
        #expect(first != digest("abd", "t", "{}"))
        #expect(first != digest("abc", "u", "{}"))
        #expect(first != digest("abc", "t", "{ }"))
        #expect(digest("a", "bc", "") != digest("ab", "c", ""))
        // Its first six bytes are those of every body.
        #expect(first[0] >> 16 == digest("abc", "t", "{ }")[0] >> 16)
        #expect(first[0] >> 16 != digest("abc", "u", "{}")[0] >> 16)
    }

    private func digest(_ id: String, _ topic: String, _ body: String) -> [UInt64] {
        let digest = MessageIdentity.digest(
            id: id.utf8Span.span.bytes,
            topic: topic.utf8Span.span.bytes,
            body: body.utf8Span.span.bytes
        )
        return [digest.high, digest.low]
    }
}
