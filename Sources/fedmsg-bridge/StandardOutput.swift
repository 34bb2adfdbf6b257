import Bridge
import Foundation
import Replay

/// Results to standard output, the rest to standard error.
final class StandardOutput: ReplayOutput {
    /// Whether it is a terminal, which would act on a message's control characters.
    static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Not while results go to a terminal too.
    private let bar = isTerminal ? nil : ProgressBar.onTerminal()

    func write(_ lines: [UInt8]) throws {
        try Self.write(Self.isTerminal ? lines.escapingControlCharacters() : lines)
    }

    /// Writes whole lines.
    ///
    /// - Throws: `ClosedPipe` where nobody reads any more, `OutputFailure` where they can't be written.
    static func write(_ lines: [UInt8]) throws {
        try lines.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = unsafe Foundation.write(
                    STDOUT_FILENO,
                    bytes.baseAddress.map { unsafe $0 + written },
                    bytes.count - written
                )
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno == EPIPE { throw ClosedPipe() }
                    throw OutputFailure(code: errno)
                }
                written += count
            }
        }
    }

    func report(_ line: String) {
        bar?.clear()
        StandardError.print(line)
    }

    func progress(_ progress: ReplayProgress) {
        bar?.draw(progress)
    }
}
