import Foundation

/// The spool's files: their names, modes and sizes.
struct SpoolFiles: Sendable {
    /// The database: where a link was named, the file that it leads to, as SQLite has its other files beside that.
    let path: String
    /// Its name for SQLite, which takes `:memory:`, `file:…` and empty text for other things than files.
    var databaseName: String { path.hasPrefix("/") ? path : "./" + path }
    var writeAheadLog: String { path + "-wal" }
    var lock: String { path + ".lock" }

    private let name: String
    private let folder: String

    /// - Parameter path: The database, or a link to it.
    init(path name: String) {
        self.name = name
        path = Self.follow(name).target
        folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    /// Makes the folder (0700) and an empty database (0600) where they are missing; SQLite's other files take the
    /// database's mode. A folder that is there keeps its own.
    func create() throws(SpoolError) {
        // Whoever may write to the spool's folder could lead root anywhere.
        if geteuid() == 0, let link = Self.follow(name).links.first(where: { Self.owner(ofLink: $0) != 0 }) {
            throw SpoolError(.cannotOpen, "is a link that is not root's, and root does not follow it", path: link)
        }
        if access(folder, F_OK) != 0 {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw SpoolError(.cannotOpen, "the spool's folder can't be made", path: folder, underlying: error)
            }
        }
        // Never opened where it exists: closing it would release the locks that SQLite has on it in this process.
        guard !exists else {
            chmod(path, 0o600)
            return
        }
        let file = openOrMake(path)
        guard file >= 0 else { throw SpoolError(.cannotOpen, "can't be made: \(Self.lastError)", path: path) }
        close(file)
    }

    /// Opens a file of the spool, which is made (0600) where it is missing. What root makes so, as with `spool drain`, belongs
    /// to the owner of the database, else of the folder: the daemon has to open it later. SQLite does that for its own.
    ///
    /// - Returns: Its descriptor; negative where that failed, with `errno`.
    func openOrMake(_ file: String) -> Int32 {
        var owner = stat()
        let isOwned = stat(path, &owner) == 0 || stat(folder, &owner) == 0
        // Exclusively, which follows no link: what is given away is what was made here.
        let made = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard made >= 0 else {
            return errno == EEXIST ? open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600) : made
        }
        if isOwned, geteuid() == 0 { fchown(made, owner.st_uid, owner.st_gid) }
        return made
    }

    /// Whether there is a database.
    var exists: Bool { access(path, F_OK) == 0 }

    /// Which file one is, whatever its name.
    struct Identity: Equatable {
        let device: dev_t
        let node: ino_t
    }

    /// Of the database; nil where there is none, or the link to it leads elsewhere by now.
    var identity: Identity? {
        var values = stat()
        guard Self.follow(name).target == path, stat(path, &values) == 0 else { return nil }
        return Identity(device: values.st_dev, node: values.st_ino)
    }

    /// Bytes of the database, and of its write-ahead log.
    struct Sizes {
        var database = 0
        var log = 0
        var total: Int { database + log }
    }

    /// Asks the file system for the sizes.
    func sizes() -> Sizes {
        Sizes(database: Self.size(of: path), log: Self.size(of: writeAheadLog))
    }

    /// Bytes that may still be written to the file system; nil where it doesn't tell.
    var freeBytes: Int? {
        var values = statvfs()
        guard statvfs(folder, &values) == 0 else { return nil }
        return Int(clamping: UInt64(values.f_bavail) * UInt64(values.f_frsize))
    }

    /// Renames the database and what belongs to it, so that a new one can be begun.
    ///
    /// - Parameter time: Microseconds since 1970, which become part of the name.
    /// - Returns: The database's new path.
    func setAside(at time: Int64) throws(SpoolError) -> String {
        var seconds = time_t(time / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y%m%dT%H%M%SZ", &parts)
        let base =
            path + ".corrupt-" + String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var target = base
        for number in 2..<1_000 where access(target, F_OK) == 0 { target = base + "-\(number)" }
        // The log first: without it the database would be taken for an older one.
        for suffix in ["-wal", "-shm", ""] where access(path + suffix, F_OK) == 0 {
            guard rename(path + suffix, target + suffix) == 0 else {
                throw SpoolError(.failed, "a corrupt spool can't be renamed: \(Self.lastError)", path: path + suffix)
            }
        }
        return target
    }

    /// The file that a link leads to, also where that is not there yet, and the links on the way; any other file is its own.
    private static func follow(_ path: String) -> (target: String, links: [String]) {
        var (path, links) = (path, [String]())
        // The system follows no more than that.
        while links.count < 40, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
            links.append(path)
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            path = target.hasPrefix("/") ? target : folder + target
        }
        return (path, links)
    }

    private static func owner(ofLink path: String) -> uid_t? {
        var values = stat()
        return lstat(path, &values) == 0 ? values.st_uid : nil
    }

    private static func size(of path: String) -> Int {
        var values = stat()
        return stat(path, &values) == 0 ? Int(values.st_size) : 0
    }

    static var lastError: String { String(cString: strerror(errno)) }
}
