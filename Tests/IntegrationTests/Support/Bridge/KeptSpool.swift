import Foundation

/// A spool that outlives the daemons that use it, one after the other.
struct KeptSpool {
    private let folder: URL
    private let path: String

    /// A new one, used by every daemon with these settings.
    init(in folder: URL, for settings: inout BridgeSettings) throws {
        self.folder = folder
        path = folder.appending(path: "spool.sqlite").path
        settings["spool", "path"] = "\"\(path)\""
        try Data("[spool]\npath = \"\(path)\"\n".utf8).write(to: folder.appending(path: "spool.toml"))
    }

    /// How many messages wait in it, while no daemon runs; none where none has made it yet.
    func waiting() async throws -> Int {
        guard FileManager.default.fileExists(atPath: path) else { return 0 }
        let line = try await command("status").first { $0.hasPrefix("waiting") } ?? ""
        guard let count = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw HarnessError("spool status says \(line)")
        }
        return count
    }

    /// What `fedmsg-bridge spool` prints.
    func command(_ arguments: String...) async throws -> [String] {
        let configuration = ["--config", folder.appending(path: "spool.toml").path]
        return try await BridgeProcess.run(["spool"] + arguments + configuration) { process in
            guard try await process.awaitEnd() == .code(0) else { throw HarnessError(process.lastWords) }
            return process.output.lines
        }
    }
}
