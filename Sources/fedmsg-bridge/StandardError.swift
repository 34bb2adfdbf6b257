import Foundation

/// Where everything goes that is no result.
enum StandardError {
    /// A line.
    static func print(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
