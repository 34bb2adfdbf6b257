import Testing

@testable import Fedmsg

@Suite("Base64")
struct Base64Tests {
    @Test(
        "texts are decoded as Python decodes them",
        arguments: [
            ("", ""), ("QUJD", "ABC"), ("QUI=", "AB"), ("QQ==", "A"), ("QUJDRA==", "ABCD"),
            // What is no letter is skipped.
            ("Q\nU\r\nJ D", "ABC"), ("Q!U\0J*D", "ABC"), ("Q-U_JD", "ABC"),
            // Padding counts only in its place, and ends the text there.
            ("=QUJD", "ABC"), ("Q=UJD", "ABC"), ("QQ==QUJD", "A"), ("QUI=QUJD", "AB"), ("QUJD====", "ABC"),
            ("QQ=UJD==", nil), ("QQ=UJDQ=", nil), ("Q===", nil), ("QQ=U=JD", "A\u{5}"), ("====", ""),
            // Bits too many are dropped.
            ("QR==", "A"),
            ("Q", nil), ("QQ", nil), ("QQ=", nil), ("QUI", nil), ("QUJDR", nil), ("QUJDé", nil), ("QQ==é", nil),
        ] as [(String, String?)]
    )
    func decodes(_ text: String, _ expected: String?) {
        var bytes = Array("left over".utf8)
        let isDecoded = Base64.decode(text.utf8Span.span.bytes, isJSON: false, into: &bytes)
        #expect((isDecoded ? String(decoding: bytes, as: UTF8.self) : nil) == expected)
    }

    @Test(
        "each line of 76 characters ends with a line break, the last too",
        arguments: [0, 1, 2, 3, 56, 57, 58, 114, 256]
    )
    func breaksLines(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let lines = Base64.lines(bytes).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        #expect(lines.dropLast(2).allSatisfy { $0.utf8.count == 76 })
        #expect(lines.dropLast().last.map { $0.utf8.count <= 76 } == true)
        var decoded: [UInt8] = []
        let text = Base64.lines(bytes)
        #expect(Base64.decode(text.utf8Span.span.bytes, isJSON: false, into: &decoded))
        #expect(decoded == bytes)
    }
}
