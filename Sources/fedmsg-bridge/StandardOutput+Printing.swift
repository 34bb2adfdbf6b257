import Foundation
import Replay

extension StandardOutput {
    /// Prints a line. Where nobody reads any more, what the command does counts, and how it exits.
    ///
    /// - Throws: `OutputFailure` where it can't be written.
    static func print(_ line: String, terminator: String = "\n") throws {
        do {
            try write(Array((line + terminator).utf8))
        } catch is ClosedPipe {}
    }
}

/// Results that can't be written, as to a full disk.
struct OutputFailure: Error, CustomStringConvertible {
    /// The system's `errno`.
    let code: Int32

    var description: String { "standard output: \(String(cString: strerror(code)))" }
}
