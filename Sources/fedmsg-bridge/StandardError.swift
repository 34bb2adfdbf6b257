import Foundation

/// Where everything goes that is no result.
enum StandardError {
    /// A line.
    static func print(_ line: String) {
        write(line + "\n")
    }

    /// Text as it is.
    static func write(_ text: String) {
        // `FileHandle` ends the process where nobody reads any more.
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
