/// Why an input can't be read, or no further.
package struct CaptureError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// Missing, a folder, or not ours to read.
        case unreadable
        /// Nothing in it.
        case empty
        /// Bytes that are no text.
        case binary
        /// A gzip stream that ends early, or is damaged.
        case damaged
    }

    /// What kind of fault it is.
    package let code: Code
    /// The path as it was given.
    package let path: String
    /// What was seen.
    package let detail: String

    init(_ code: Code, path: String, _ detail: String) {
        self.code = code
        self.path = path
        self.detail = detail
    }

    /// For example "capture.jsonl: No such file or directory".
    package var description: String { "\(path): \(detail)" }
}
