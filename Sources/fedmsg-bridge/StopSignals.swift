import Foundation
import Synchronization

/// SIGINT and SIGTERM, told on a thread that nothing else uses: those of tasks may all wait for something, and on a machine with
/// one processor there is only one.
enum StopSignals {
    /// Catches both, from its return to the end of the process.
    ///
    /// - Parameter caught: is told of each, and how many that makes.
    static func handle(_ caught: @escaping @Sendable (_ count: Int, _ signal: Int32) -> Void) async {
        let queue = DispatchQueue(label: "signals")
        let count = Atomic(0)
        for signal in [SIGINT, SIGTERM] {
            let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
            source.setEventHandler {
                // Two that come close together are one event.
                for _ in 0..<source.data { caught(count.add(1, ordering: .relaxed).newValue, signal) }
            }
            await withCheckedContinuation { registered in
                source.setRegistrationHandler { registered.resume() }
                source.resume()
            }
        }
    }
}
