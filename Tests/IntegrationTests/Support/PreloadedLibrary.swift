import Foundation

/// A library that a process is started with, from C source among the peers.
enum PreloadedLibrary {
    /// Compiles it.
    ///
    /// - Returns: what `LD_PRELOAD` has to be.
    static func compiled(_ source: String, to library: String) async throws -> String {
        let source = Project.peers.appending(path: source).path
        let command = ["clang", "-shared", "-fPIC", "-o", library, source]
        try await ChildProcess.with(URL(filePath: "/usr/bin/env"), command) { compiler in
            guard try await compiler.awaitEnd() == .code(0) else { throw HarnessError(compiler.lastWords) }
        }
        // What the tests were started with stays preloaded.
        return [library, ProcessInfo.processInfo.environment["LD_PRELOAD"]].compactMap(\.self).joined(separator: ":")
    }
}
