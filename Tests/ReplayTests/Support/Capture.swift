import Fedmsg
import Foundation
import Settings
import Testing

@testable import Replay

/// A capture in a file of its own, for as long as the value lives.
final class Capture {
    let path: String

    init(_ text: String) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)").path
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    init(_ bytes: [UInt8]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(filePath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The fixtures of the envelope's tests.
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "FedmsgTests/Fixtures")

    /// Certificates and keys, as fedmsg has them in `ssldir`.
    static var pki: String { fixtures.appending(path: "pki").path }

    /// The messages that fedmsg's documentation shows, one a line.
    static var documented: String {
        get throws { try String(contentsOf: fixtures.appending(path: "fedmsgs.jsonl"), encoding: .utf8) }
    }

    /// What a dry run makes of it.
    func dryRun(
        to direction: ReplayDirection = .toAMQP,
        format: CaptureFormat = .auto,
        selection: ReplaySelection = ReplaySelection(),
        startLine: Int = 1,
        signatures: SignatureCheck? = nil,
        signer: MessageSigner? = nil,
        topicPrefix: String = "",
        body: BridgeConfiguration.Body = .msg
    ) throws -> DryRunResult {
        var options = ReplayOptions(paths: [path])
        options.direction = direction
        options.format = format
        options.selection = selection
        options.startLine = startLine
        options.signatures = signatures
        options.signer = signer
        options.configuration.topicPrefix = topicPrefix
        options.configuration.toAMQP.body = body
        let output = CollectedOutput()
        let (counts, fault) = try DryRun(options, output: output).run()
        return DryRunResult(
            text: String(decoding: output.bytes, as: UTF8.self),
            reports: output.reports,
            counts: counts,
            fault: fault
        )
    }
}

struct DryRunResult {
    var text: String
    var reports: [String]
    var counts: ReplayCounts
    var fault: CaptureError.Code?

    var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// Members of each line, as Foundation reads JSON.
    var objects: [NSDictionary] {
        get throws {
            try lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary) }
        }
    }
}

private final class CollectedOutput: ReplayOutput {
    var bytes: [UInt8] = []
    var reports: [String] = []

    func write(_ lines: [UInt8]) { bytes += lines }
    func report(_ line: String) { reports.append(line) }
    func progress(_ progress: ReplayProgress) {}
}
