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
                switch error {
                case EACCES: "; it must belong to the user that the daemon runs as, as the spool does"
                case ELOOP: "; it is a link, and must be a file"
                default: ""
                }
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
        let noted = Self.time(in: file) ?? Self.microseconds(before.st_mtim)
        notedBefore = noted > 0 ? noted : nil
        // That it is made now, as by a drain, says nothing of who listened.
        if !wasThere { note(0) }
    }

    /// Leaves a time, in microseconds since 1970, to the next holder, however this one ends. It is what the file holds, as a copy
    /// of that may have another time of modification.
    func note(_ time: Int64) {
        let text = "\(time)\n"
        // Where there is no room for it, the time of modification has to do, by which an older version goes.
        if pwrite(file, text, text.utf8.count, 0) != text.utf8.count { ftruncate(file, 0) }
        let modified = timespec(tv_sec: Int(time / 1_000_000), tv_nsec: Int(time % 1_000_000) * 1_000)
        futimens(file, [modified, modified])
    }

    /// What was noted in the file; nil where nothing was, as by an older version.
    private static func time(in file: Int32) -> Int64? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(file, &bytes, bytes.count, 0)
        guard let end = bytes.prefix(max(0, count)).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        return Int64(String(decoding: bytes[..<end], as: UTF8.self))
    }

    private static func microseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    /// Whether its file is gone, so that another process could lock a new one.
    var isGone: Bool { access(path, F_OK) != 0 }

    deinit {
        close(file)
    }

    /// Whether a daemon holds the spool now. Takes nothing and makes no file.
    static func isHeld(_ files: SpoolFiles) -> Bool {
        let file = open(files.lock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
