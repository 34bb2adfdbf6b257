import Foundation
import Testing

@Suite("The pages about the AMQP library")
struct PagesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardizedFileURL
    private static let pages = [
        "docs/amqp.md", "Sources/AMQP/AMQP.docc/Tour.md", "Sources/AMQP/AMQP.docc/ComingFromOtherClients.md",
    ]

    private static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Without indentation and empty lines: a page shows code without what is around it.
    private static func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    @Test("have the code that is compiled with these tests", arguments: pages)
    func code(page: String) throws {
        try Self.expectCompiled(Self.text(of: page))
    }

    @Test("and so have the sources' comments")
    func comments() throws {
        let sources = Self.root.appending(path: "Sources/AMQP")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var comments: [String] = []
        while let file = files.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            comments += Self.lines(try String(contentsOf: file, encoding: .utf8)).filter { $0.hasPrefix("///") }
        }
        try Self.expectCompiled(comments.map { $0.dropFirst(4) }.joined(separator: "\n"))
    }

    private static func expectCompiled(_ page: String) throws {
        let compiled = lines(try text(of: "Tests/AMQPTests/Documentation/Snippets.swift"))
        let parts = page.components(separatedBy: "```swift\n").dropFirst()
        #expect(!parts.isEmpty)
        for part in parts {
            let code = lines(part.components(separatedBy: "```")[0])
            let isThere = compiled.indices.contains { compiled[$0...].starts(with: code) }
            #expect(isThere, "not in Snippets.swift: \(code.joined(separator: "\n"))")
        }
    }

    @Test("name tests that exist")
    func tests() throws {
        var sources: [String: String] = [:]
        let tests = Self.root.appending(path: "Tests")
        let files = try #require(FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
        while let file = files.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            sources[file.deletingPathExtension().lastPathComponent] = try String(contentsOf: file, encoding: .utf8)
        }
        let named = try Self.text(of: "docs/amqp.md").matches(of: /`(\w+Tests)\.(\w+)`/)
        #expect(named.count > 30)
        for name in named {
            let source = sources[String(name.output.1)] ?? ""
            #expect(source.contains("func \(name.output.2)("), "no test \(name.output.1).\(name.output.2)")
        }
    }

    @Test("say yes to a feature only where they name its test")
    func features() throws {
        let rows = try Self.text(of: "docs/amqp.md").split(separator: "\n").filter { $0.contains("Tests.") }
        #expect(rows.count > 20)
        for row in try Self.text(of: "docs/amqp.md").split(separator: "\n") where row.contains(" | yes | ") {
            #expect(row.contains("Tests."), "\(row)")
        }
    }
}
