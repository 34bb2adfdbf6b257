import Bridge
import Foundation
import Testing

@Suite("The documentation", .timeLimit(.minutes(5)))
struct DocumentationTests {
    @Test("has links, commands, make targets and configuration blocks that exist")
    func pagesAreRight() async throws {
        try await expectSuccess(of: "scripts/check-docs", try Project.bridge.path)
    }

    @Test("is there for every public symbol of the AMQP library")
    func symbolsAreDocumented() async throws {
        let modules = try Project.bridge.deletingLastPathComponent()
        try await expectSuccess(of: "scripts/check-symbols", "AMQP", modules.path)
    }

    @Test("says what to do about every reason, state and alert")
    func everyReasonHasAnEntry() throws {
        let page = try text(of: "docs/troubleshooting.md")
        for code in ReadinessReason.allCases.map(\.rawValue) + ReadinessWarning.allCases.map(\.rawValue) {
            #expect(page.contains("### `\(code)`") || page.contains(", `\(code)`\n"), "no entry for \(code)")
        }
        for reason in RejectReason.allCases.map(\.rawValue) + DropReason.allCases.map(\.rawValue) {
            #expect(page.contains("| `\(reason)` |"), "no entry for \(reason)")
        }
        for alert in try text(of: "deploy/monitoring/alerts.yaml").matches(of: /- alert: (\w+)/) {
            #expect(page.contains("| `\(alert.output.1)` |"), "no entry for \(alert.output.1)")
        }
    }

    @Test("begins each page with what one can do after it")
    func pagesBeginWithTheirUse() throws {
        for page in try Page.all() where page.path.hasPrefix("docs/") && page.path != "docs/README.md" {
            let paragraphs = page.text.split(separator: "\n\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("<!--") }
            #expect(paragraphs.first?.hasPrefix("After this page ") == true, "\(page.path)")
        }
    }

    private func expectSuccess(of script: String, _ arguments: String...) async throws {
        let python = try Project.Python.fedoraMessaging.executable
        try await ChildProcess.with(python, [Project.root.appending(path: script).path] + arguments) { check in
            let exit = try await check.awaitEnd(within: .seconds(240))
            #expect(exit == .code(0), "\((check.output.lines + check.errors.lines).joined(separator: "\n"))")
        }
    }

    private func text(of path: String) throws -> String {
        try String(contentsOf: Project.root.appending(path: path), encoding: .utf8)
    }
}
