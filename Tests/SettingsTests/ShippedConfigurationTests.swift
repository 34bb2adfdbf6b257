import Foundation
import Testing

@testable import Settings

@Suite struct ShippedConfigurationTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("bridge.d").path

    private static func texts() throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)) }
        )
    }

    /// The files with each commented-out key put in force.
    private static func uncommented() throws -> [String: String] {
        try texts().mapValues { text in
            text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.contains(#/^# ("[^"]+"|[a-z_]+) = /#) ? $0.dropFirst(2) : $0 }
                .joined(separator: "\n")
        }
    }

    @Test func `the shipped files are the built-in defaults`() throws {
        let loaded = ConfigurationLoader.read(paths: [Self.folder], environment: [:], for: .show)
        #expect(loaded.diagnostics.isEmpty)
        #expect(loaded.configuration == BridgeConfiguration())
    }

    @Test func `an operator has to set the endpoints and the certificate's name`() throws {
        let loaded = ConfigurationLoader.read(paths: [Self.folder], environment: [:], for: .run)
        #expect(loaded.errors.map(\.key?.description) == ["crypto.certname", "to_amqp.zmq_endpoints"])
        #expect(loaded.warnings.isEmpty)
    }

    @Test func `what is commented out is the default too`() throws {
        let loaded = try read(try Self.uncommented())
        #expect(loaded.errors.isEmpty)
        var expected = BridgeConfiguration()
        expected.publishPriority = 0
        expected.toAMQP.zmqEndpoints = ["tcp://localhost:9940"]
        expected.crypto.routingPolicy = [
            "org.fedoraproject.prod.bodhi.update.comment": ["bodhi-app01.phx2.fedoraproject.org"]
        ]
        #expect(loaded.configuration == expected)
    }

    @Test(arguments: ConfigurationSchema.keys.map(\.path))
    func `every key is in the shipped files`(path: ConfigurationPath) throws {
        let loaded = try read(try Self.uncommented())
        #expect(loaded.origins[path] != .builtIn)
    }
}
