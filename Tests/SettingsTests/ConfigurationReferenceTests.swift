import Foundation
import Testing

@testable import Settings

@Suite struct ConfigurationReferenceTests {
    /// Where the written reference differs, the right one is left beside it to be copied.
    @Test func `the reference is what the schema says`() throws {
        let docs = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/configuration.md")
        let expected = ConfigurationReference.markdown()
        let written = try? String(contentsOf: docs, encoding: .utf8)
        if written != expected {
            let copy = FileManager.default.temporaryDirectory.appendingPathComponent("configuration.md")
            try expected.write(to: copy, atomically: true, encoding: .utf8)
            Issue.record("docs/configuration.md is not what the schema says; the right text is in \(copy.path)")
        }
    }

    @Test(arguments: ConfigurationSchema.keys.map(\.path))
    func `each key says what it is in one sentence`(path: ConfigurationPath) throws {
        let key = try #require(ConfigurationSchema.key(at: path))
        #expect(key.meaning.hasSuffix(".") || key.meaning.hasSuffix("…"))
        #expect(key.variable.hasPrefix("FEDMSG_BRIDGE_"))
    }
}
