import Testing

@testable import Settings

@Suite struct TOMLKeyIndexTests {
    @Test(
        arguments: [
            ("a = 1", ["a": (1, 1)]),
            ("\n  a = 1 # b = 2\n\tc = 3", ["a": (2, 3), "c": (3, 2)]),
            ("a.b . \"c d\" = 1", ["a": (1, 1), "a.b": (1, 3), "a.b.\"c d\"": (1, 7)]),
            ("[a.b]\nc = 1\n[a.d]\n", ["a": (1, 2), "a.b": (1, 4), "a.b.c": (2, 1), "a.d": (3, 4)]),
            (
                "[[a]]\nb = 1\n[[a]]\n[a.c]\nd = 2",
                ["a": (1, 3), "a[0]": (1, 3), "a[0].b": (2, 1), "a[1]": (3, 3), "a[1].c": (4, 4), "a[1].c.d": (5, 1)]
            ),
            (
                "[[a.b]]\n[[a.b.c]]",
                ["a": (1, 3), "a.b": (1, 5), "a.b[0]": (1, 5), "a.b[0].c": (2, 7), "a.b[0].c[0]": (2, 7)]
            ),
            (
                "a = [1,\n  [2, 3], # ]\n]",
                ["a": (1, 1), "a[0]": (1, 6), "a[1]": (2, 3), "a[1][0]": (2, 4), "a[1][1]": (2, 7)]
            ),
            ("a = { b = 1, c.d = \"}\" }", ["a": (1, 1), "a.b": (1, 7), "a.c": (1, 14), "a.c.d": (1, 16)]),
            ("a = {\"b\": 1, c : 2}", ["a": (1, 1), "a.b": (1, 6), "a.c": (1, 14)]),
            ("a = \"\"\"\nb = 1\n\\\"\"\"\"\"\"\nc = ''''x''''\nd = 1", ["a": (1, 1), "c": (4, 1), "d": (5, 1)]),
            ("a = '\\' # b\nc = \"\\\"\"\n", ["a": (1, 1), "c": (2, 1)]),
            ("\"\\u00e9\\t\\\"\" = 1\n'\\u' = 2", ["\"é\\t\\\"\"": (1, 1), "\"\\\\u\"": (2, 1)]),
            ("\"é\" = 1\r\n'ö'.b = 2", ["\"é\"": (1, 1), "\"ö\"": (2, 1), "\"ö\".b": (2, 5)]),
            ("\u{FEFF}a = 1979-05-27 07:32:00\nb = 1e3", ["a": (1, 1), "b": (2, 1)]),
        ] as [(String, [String: (Int, Int)])]
    )
    func `each key has its place`(text: String, expected: [String: (Int, Int)]) {
        let places = TOMLKeyIndex(text).positions.map { "\($0.key) \($0.value.line):\($0.value.column)" }
        #expect(places.sorted() == expected.map { "\($0.key) \($0.value.0):\($0.value.1)" }.sorted())
    }

    @Test func `what is not there has the place of what it would be part of`() {
        let index = TOMLKeyIndex("\n[a]\nb = 1")
        #expect(index.position(of: ConfigurationPath(dotted: "a.c.d")) == TOMLPosition(line: 2, column: 2))
        #expect(index.position(of: ConfigurationPath(dotted: "x")) == TOMLPosition(line: 1, column: 1))
    }

    @Test(
        arguments: [
            ("a = \"b\\u0000c\"", 1, 7, "the character U+0000 is not allowed"),
            ("\n\"a\\U00000000\" = 1", 2, 3, "the character U+0000 is not allowed"),
            ("a = 1\nb\u{0} = 2", 2, 2, "a zero byte is not allowed"),
            ("a = 1979-05-27", 1, 1, "a: a date or time is not taken here; write it as text"),
            ("a = [1,\n07:32:00]", 2, 1, "a[1]: a date or time is not taken here; write it as text"),
            ("a = 1\n[[[b]]]", 2, 3, "expected a table's name after the bracket"),
            ("[ &", 1, 3, "expected a table's name after the bracket"),
            ("a = [1,\n }", 2, 2, "expected a value or a closing bracket"),
            ("a = \n[[=", 1, 5, "Error while parsing key-value pair: expected value, saw '\\n'"),
            ("a = 1\na = 2", 2, 5, "Error while parsing key-value pair: cannot redefine existing integer 'a'"),
        ]
    )
    func `a text that cannot be taken is refused with its place`(text: String, line: Int, column: Int, message: String)
    {
        let failure = #expect(throws: TOMLDocument.Failure.self) { try TOMLDocument(text) }
        #expect(failure == TOMLDocument.Failure(position: TOMLPosition(line: line, column: column), text: message))
    }

    private static let deepTexts = [
        "arrays": "a = " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
        "inline tables": "a = " + String(repeating: "{ a = ", count: 40) + "1" + String(repeating: "}", count: 40),
        "a dotted key": Array(repeating: "a", count: 10_000).joined(separator: ".") + " = 1",
        "a header": "[" + Array(repeating: "a", count: 10_000).joined(separator: ".") + "]",
        "open brackets": "a = " + String(repeating: "[", count: 100_000),
    ]

    @Test(arguments: deepTexts.keys.sorted())
    func `deep nesting is refused`(name: String) throws {
        let text = try #require(Self.deepTexts[name])
        let failure = #expect(throws: TOMLDocument.Failure.self) { try TOMLDocument(text) }
        #expect(failure?.text == "nested more than 32 levels deep")
    }
}
