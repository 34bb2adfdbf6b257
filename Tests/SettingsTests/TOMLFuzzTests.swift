import Testing

@testable import Settings

@Suite struct TOMLFuzzTests {
    /// Texts that use each form of TOML that a configuration may.
    private static let seeds = [
        """
        amqp_url = "amqp://a" # comment
        [tls]
        ca_cert = '/a'
        [exchanges."zmq.topic"]
        arguments = { a = 1, "b.c" = [true, {d = 1.5}], e.f = 'x' }
        [[bindings]]
        queue = "q\\u00e9\\"#"
        routing_keys = [
          "a", # one
          'b',
        ]
        [[bindings]]
        exchange = \"\"\"
        x\\
          y\"\"\"\"\"
        [[bindings.more]]
        z = '''a''b'''
        """,
        "a.b.c = 1\na.d = 2\n[a.e]\nf = -0x1F\n[\"g h\".'i.j']\nk = [[], [[]], {}]\nl = 07:32:00\n",
        "[to_amqp]\r\nzmq_endpoints = [\"tcp://a:1\",\r\n\"tcp://b:2\"]\r\n[to_fedmsg]\r\nusername = \"é\"\r\n",
    ]

    private static let pieces = [
        "\n", "\r\n", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", "\"", "'", "\"\"\"", "'''", "\\", ":",
        "\\u0041",
        "\\U0001F600", "\\u0000", " ", "\t", "a", "b", "a = 1\n", "[a]\n", "[[a]]\n", "é", "\u{FEFF}", "\u{0}",
        "\u{1B}", "1",
        "true",
    ]

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `whatever TOMLKit takes, the index knows the same keys of; nothing crashes`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var taken = 0
        for _ in 0..<400 {
            let text = Self.mutated(&random)
            let index = TOMLKeyIndex(text)
            guard let document = try? TOMLDocument(text) else { continue }
            taken += 1
            var paths: Set<ConfigurationPath> = []
            Self.collect(.table(document.root), at: ConfigurationPath(), into: &paths)
            try #require(Set(index.positions.keys) == paths, "\(text.debugDescription)")
        }
        #expect(taken > 40)
    }

    @Test func `reading any text gives a configuration and diagnostics`() throws {
        var random = SeededGenerator(seed: 99)
        for _ in 0..<100 {
            let loaded = try read(Self.mutated(&random), for: .run)
            for diagnostic in loaded.diagnostics {
                #expect(!"\(diagnostic)".unicodeScalars.contains { $0.properties.generalCategory == .control })
            }
        }
    }

    private static func mutated(_ random: inout SeededGenerator) -> String {
        var scalars = Array(seeds.randomElement(using: &random, default: "").unicodeScalars)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let start = Int.random(in: 0...scalars.count, using: &random)
            let end = min(start + Int.random(in: 0...3, using: &random), scalars.count)
            let piece = Bool.random(using: &random) ? pieces.randomElement(using: &random, default: "") : ""
            scalars.replaceSubrange(start..<end, with: Array(piece.unicodeScalars))
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            scalars = Array(scalars.prefix(Int.random(in: 0...scalars.count, using: &random)))
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func collect(
        _ value: ConfigurationValue,
        at path: ConfigurationPath,
        into paths: inout Set<ConfigurationPath>
    ) {
        if !path.components.isEmpty { paths.insert(path) }
        switch value {
        case .table(let entries):
            for (name, entry) in entries { collect(entry, at: path.key(name), into: &paths) }
        case .array(let elements):
            for (offset, element) in elements.enumerated() { collect(element, at: path.index(offset), into: &paths) }
        default: break
        }
    }
}

extension [String] {
    fileprivate func randomElement(using random: inout SeededGenerator, default fallback: String) -> String {
        randomElement(using: &random) ?? fallback
    }
}
