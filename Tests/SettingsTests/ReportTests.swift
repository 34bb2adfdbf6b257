import Foundation
import Settings
import Testing

@Suite struct ReportTests {
    @Test func `a report names mistakes and warnings, with the verbose one also what has no effect`() throws {
        let text = "callback = \"a:b\"\nto_amq = 1\nto_fedmsg.username = \"x\"\ncrypto.sign_messages = false"
        try withFolder(["a.toml": text]) { folder in
            let loaded = ConfigurationLoader.read(paths: ["\(folder)/a.toml"], environment: [:], for: .run)
            let lines = [
                "unused: \(folder)/a.toml:1: callback: no effect: the bridge is the consumer",
                "\(folder)/a.toml:2: to_amq: unknown key; did you mean to_amqp?",
                "warning: \(folder)/a.toml:3: to_fedmsg.username: \"x\" defeats the first bridge's check for loops, which knows amqp-bridge only",
                "to_amqp.zmq_endpoints: no endpoint; expected at least one, or to_amqp.enabled = false",
                "1 file, 2 mistakes, 1 warning, 1 without effect",
            ]
            #expect(loaded.report(verbose: true) == lines.joined(separator: "\n"))
            #expect(loaded.report() == lines.dropFirst().joined(separator: "\n"))
        }
    }

    @Test func `a report without mistakes says so`() throws {
        #expect(try read("").report() == "1 file, no mistakes, no warnings")
    }

    @Test func `a report is JSON too`() throws {
        let loaded = try read(
            "callback = \"a:b\"\nlog.format = \"jsom\"",
            environment: ["FEDMSG_BRIDGE_X": "1"]
        )
        let object = try JSONSerialization.jsonObject(with: Data(loaded.json(verbose: true).utf8))
        let report = try #require(object as? [String: Any])
        #expect(report["ok"] as? Bool == false)
        #expect((report["files"] as? [String])?.count == 1)
        let diagnostics = try #require(report["diagnostics"] as? [[String: Any]])
        #expect(diagnostics.map { $0["severity"] as? String } == ["unused", "error", "warning"])
        #expect(diagnostics.map { $0["code"] as? String } == ["unused", "bad_value", "unknown_key"])
        #expect(diagnostics.map { $0["line"] as? Int } == [1, 2, nil])
        #expect(diagnostics.map { $0["column"] as? Int } == [1, 5, nil])
        #expect(diagnostics.map { $0["key"] as? String } == ["callback", "log.format", nil])
        #expect(diagnostics.map { $0["variable"] as? String } == [nil, nil, "FEDMSG_BRIDGE_X"])
        #expect(diagnostics[1]["expected"] as? String == "\"text\" or \"json\"")
        #expect(diagnostics[1]["found"] as? String == "the text \"jsom\"")
        #expect(diagnostics[1]["nearest"] as? String == "json")
        #expect(!loaded.json().contains("callback"))
    }
}
