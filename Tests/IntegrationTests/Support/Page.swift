import Foundation
import Testing

/// A page of the documentation, for tests that do what it says.
struct Page: CustomTestStringConvertible {
    private struct Line {
        let text: Substring
        /// Of the fenced block that it stands in; empty where that names none, `nil` outside of any.
        let language: Substring?
    }

    let path: String
    let text: String

    var testDescription: String { path }

    /// - Parameter path: from the project's root, as `docs/start.md`.
    init(_ path: String) throws {
        self.path = path
        text = try String(contentsOf: Project.root.appending(path: path), encoding: .utf8)
    }

    /// The pages for those who run the bridge.
    static func all() throws -> [Page] {
        let docs = try FileManager.default.contentsOfDirectory(atPath: Project.root.appending(path: "docs").path)
        let names = docs.filter { $0.hasSuffix(".md") }.sorted()
        return try (["README.md", "deploy/README.md"] + names.map { "docs/" + $0 }).map(Page.init)
    }

    /// What stands in its fenced blocks of a language, one after the other.
    func blocks(of language: String) -> [String] {
        let lines = lines().map { $0.language == Substring(language) ? String($0.text) : nil }
        return lines.split(separator: nil).map { $0.compactMap { $0 }.joined(separator: "\n") + "\n" }
    }

    /// The lines that it gives to a shell: those of `sh` blocks, and those that are indented by four spaces, without comments.
    func commands() -> [String] {
        lines()
            .filter { $0.language == "sh" || ($0.language == nil && $0.text.hasPrefix("    ")) }
            .map { String($0.text.prefix(upTo: $0.text.firstRange(of: " #")?.lowerBound ?? $0.text.endIndex)) }
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .map { $0.hasPrefix("$ ") ? String($0.dropFirst(2)) : $0 }
            .filter { !$0.isEmpty }
    }

    /// Its lines but the fences, those of blocks without the fence's indentation.
    private func lines() -> [Line] {
        var language: Substring?
        return text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            let content = line.drop { $0 == " " }
            guard content.hasPrefix("```") else {
                return Line(text: language == nil ? line : content, language: language)
            }
            // Fences apart keep blocks apart that follow each other.
            language = language == nil ? content.dropFirst(3) : nil
            return Line(text: "", language: nil)
        }
    }
}
