import Foundation
import UnixSignals

/// SIGINT and SIGTERM as a cancellation; a second one ends the process at once.
struct Interruption {
    private let signals: UnixSignalsSequence

    /// From here on both signals are caught.
    init() async {
        signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    }

    /// Runs something that a signal cancels.
    func cancelling<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let work = Task { try await body() }
        let listener = Task { [signals] in
            var count = 0
            for await signal in signals {
                count += 1
                if count > 1 { exit(128 + (signal == .sigint ? SIGINT : SIGTERM)) }
                work.cancel()
            }
        }
        defer { listener.cancel() }
        return try await work.value
    }
}
