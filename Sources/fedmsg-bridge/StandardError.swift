import Foundation

/// Where everything goes that is no result.
enum StandardError {
    /// A line.
    static func print(_ line: String) {
        write(line + "\n")
    }

    /// Text as it is.
    static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
