import Foundation

/// SIGINT and SIGTERM as a cancellation; a second one ends the process at once.
struct Interruption {
    /// Runs something that a signal cancels.
    func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let (beforeCatching, catching) = AsyncStream.makeStream(of: Void.self)
        let work = Task {
            for await _ in beforeCatching {}
            return try await body()
        }
        await StopSignals.handle { count, signal in
            if count > 1 { exit(128 + signal) }
            work.cancel()
        }
        catching.finish()
        return try await work.value
    }
}
