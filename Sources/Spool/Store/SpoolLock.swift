import Foundation

/// The lock that a daemon holds for its life. The system gives it back when the process ends, however it ends.
final class SpoolLock: Sendable {
    private let file: Int32
    private let path: String
    /// When a holder before last noted the time, in microseconds since 1970; nil where none did.
    let notedBefore: Int64?

    /// Takes the lock, or throws ``SpoolError/Code/locked``.
    init(_ files: SpoolFiles) throws(SpoolError) {
        var before = stat()
        let wasThere = stat(files.lock, &before) == 0
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
        let noted = Int64(before.st_mtim.tv_sec) * 1_000_000 + Int64(before.st_mtim.tv_nsec) / 1_000
        notedBefore = noted > 0 ? noted : nil
        // That it is made now, as by a drain, says nothing of who listened.
        if !wasThere { futimens(file, [timespec(), timespec()]) }
    }

    /// Leaves the time of now to the next holder, however this one ends, as the file's time of modification.
    func noteTime() {
        futimens(file, nil)
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
