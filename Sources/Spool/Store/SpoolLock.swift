import Foundation

/// The lock that a daemon holds for its life. The system gives it back when the process ends, however it ends.
final class SpoolLock: Sendable {
    private let file: Int32
    private let path: String

    /// Takes the lock, or throws ``SpoolError/Code/locked``.
    init(_ files: SpoolFiles) throws(SpoolError) {
        let file = files.openOrMake(files.lock)
        guard file >= 0 else {
            let error = errno
            let wayOut =
                error == EACCES ? "; it must belong to the user that the daemon runs as, as the spool does" : ""
            let text = "can't be opened: \(String(cString: strerror(error)))\(wayOut)"
            throw SpoolError(.cannotOpen, text, path: files.lock)
        }
        fchmod(file, 0o600)
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            close(file)
            guard error == EWOULDBLOCK else {
                throw SpoolError(.cannotOpen, "can't be locked: \(String(cString: strerror(error)))", path: files.lock)
            }
            throw SpoolError(.locked, "another daemon holds this spool", path: files.path)
        }
        self.file = file
        path = files.lock
    }

    /// Whether its file is gone, so that another process could lock a new one.
    var isGone: Bool { access(path, F_OK) != 0 }

    deinit {
        close(file)
    }

    /// Whether a daemon holds the spool now. Takes nothing and makes no file.
    static func isHeld(_ files: SpoolFiles) -> Bool {
        let file = open(files.lock, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
