import Foundation

/// A `fedmsg-bridge replay` that has ended.
struct ReplayRun {
    let output: [String]
    let errors: [String]
    let exit: ChildProcess.Exit

    /// Runs it to its end.
    static func of(_ arguments: [String], within limit: Duration = .seconds(120)) async throws -> ReplayRun {
        try await BridgeProcess.run(["replay"] + arguments) { try await ended($0, within: limit) }
    }

    /// Waits until one that was started ends.
    static func ended(_ process: ChildProcess, within limit: Duration = .seconds(120)) async throws -> ReplayRun {
        let exit = try await process.awaitEnd(within: limit)
        return ReplayRun(output: process.output.lines, errors: process.errors.lines, exit: exit)
    }
}
