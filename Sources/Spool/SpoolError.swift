/// What stops a spool from being opened or read.
public struct SpoolError: Error, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        private enum Value: String {
            case locked
            case newerFormat
            case notASpool
            case notFound
            case cannotOpen
            case failed
        }
        private let value: Value

        /// Another daemon holds the spool: exit 75.
        public static let locked = Self(value: .locked)
        /// A newer version wrote the spool.
        public static let newerFormat = Self(value: .newerFormat)
        /// The path leads to a database of another program.
        public static let notASpool = Self(value: .notASpool)
        /// There is no spool at the path, and a command never creates one.
        public static let notFound = Self(value: .notFound)
        /// The folder, the lock or the database can't be opened: permissions, no room. Exit 75.
        public static let cannotOpen = Self(value: .cannotOpen)
        /// SQLite refused a command.
        public static let failed = Self(value: .failed)
    }

    /// The kind of failure.
    public let code: Code
    /// What happened and what to do, in a sentence without its path.
    public let text: String
    /// The file that it happened to.
    public let path: String
    /// What SQLite or the system said.
    public let underlying: (any Error)?

    init(_ code: Code, _ text: String, path: String, underlying: (any Error)? = nil) {
        self.code = code
        self.text = text
        self.path = path
        self.underlying = underlying
    }
}

extension SpoolError.Code: CustomStringConvertible {
    /// The code's name.
    public var description: String { value.rawValue }
}

extension SpoolError: CustomStringConvertible {
    /// Path and text, with what the system said.
    public var description: String {
        "\(path): \(text)" + (underlying.map { " (\($0))" } ?? "")
    }
}
