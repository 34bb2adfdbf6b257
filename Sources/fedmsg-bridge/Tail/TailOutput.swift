import Bridge
import Foundation
import Replay
import Synchronization
import Watch

/// Messages to standard output, what can't be shown to standard error.
final class TailOutput: Sendable {
    private let printer: Mutex<TailPrinter>

    init(_ printer: consuming sending TailPrinter) {
        self.printer = Mutex(printer)
    }

    /// - Throws: `ClosedPipe` where nobody reads any more.
    func print(_ batch: Feed<Heard>.Batch) throws {
        var lines: [UInt8] = []
        let now = Int64(Date.now.timeIntervalSince1970)
        for heard in batch.elements {
            do throws(Rejection) {
                try printer.withLock { printer throws(Rejection) in try printer.write(heard, at: now, to: &lines) }
            } catch {
                StandardError.print(TailPrinter.line(heard, error))
            }
        }
        if batch.missed > 0 { StandardError.print("\(batch.missed) messages were not printed: the output is too slow") }
        try StandardOutput.write(lines)
    }
}
