/// Why the spool takes nothing for now. It comes back by itself.
public enum SpoolRefusal: Hashable, Sendable {
    /// Its files have reached `max_bytes`.
    case maxBytes
    /// Its files have reached `max_bytes`, as somebody who reads the database keeps its log from being emptied.
    case heldByReader
    /// Less than `min_free_bytes` are free on the file system.
    case minFreeBytes
    /// The file system is full.
    case diskFull
    /// Another process holds the database's write lock.
    case busy
    /// The disk refuses, in SQLite's words.
    case failed(String)
}

extension SpoolRefusal: CustomStringConvertible {
    /// The reason in words.
    public var description: String {
        switch self {
        case .maxBytes: "the spool has reached max_bytes"
        case .heldByReader: "the spool has reached max_bytes, as a process reads it and its log stays full"
        case .minFreeBytes: "the file system has less than min_free_bytes free"
        case .diskFull: "the file system is full"
        case .busy: "another process holds the spool's write lock"
        case .failed(let text): text
        }
    }
}
