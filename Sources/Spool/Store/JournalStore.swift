import GRDB

/// The journal's database, as the daemon that holds it writes and reads it. Used by one thread at a time.
final class JournalStore {
    /// What a start found.
    struct Found {
        var rows: ClosedRange<Int64>?
        var mark = JournalPosition(row: 0, index: 0)
        /// Messages not settled, their rows' bytes, and when the oldest was received.
        var messages = 0
        var bytes = 0
        var oldestAt: Int64?
        /// Running sums through the last row.
        var messagesEver = 0
        var bytesEver = 0
        /// When the newest message ever came from the bus, now at the latest.
        var newestAt: Int64?
        /// The same as it was written: later than now after a clock that was ahead.
        var newestWritten: Int64?
        var duplicates: [DuplicateWindow.Entry] = []
    }

    let files: SpoolFiles
    private(set) var configuration: JournalConfiguration
    private(set) var budget: SpoolBudget
    private let clock: @Sendable () -> Int64
    private var lock: SpoolLock?
    private(set) var database: DatabaseQueue
    /// Which file it was opened in.
    private var opened: SpoolFiles.Identity?
    private var found = Found()
    /// As of the last ``measure()``.
    private(set) var sizes = SpoolFiles.Sizes()

    /// Running sums through the last row.
    var messagesEver = 0
    var bytesEver = 0
    var census = DeadLetterCensus()
    var digestsOnDisk = 0
    /// When old digests were last deleted.
    var prunedAt: Int64 = 0
    /// When it was last tried to make the database smaller.
    var shrunkAt: Int64 = 0
    private var dataVersion = 0
    private var freeSpace = FreeSpace()
    /// Whether what is settled is written now or never.
    var isEnding = false
    /// Whether the file was made here, and is no database yet.
    private var isUnfinished = false
    /// When somebody who read kept the log from being emptied.
    private var logBusyAt: Int64?

    /// Takes the lock and opens the database, which is made where it is missing.
    ///
    /// - Parameters:
    ///   - clock: The time, in microseconds since 1970.
    ///   - setAside: Is told of a corrupt database that was set aside: its path now, and the cause.
    init(
        _ configuration: JournalConfiguration,
        clock: @escaping @Sendable () -> Int64,
        setAside: (_ path: String, _ cause: String) -> Void
    ) throws(SpoolError) {
        self.configuration = configuration
        self.clock = clock
        files = SpoolFiles(path: configuration.path)
        budget = SpoolBudget(maxBytes: configuration.maxBytes)
        try files.create()
        lock = try SpoolLock(files)
        do {
            database = try Self.connect(files, configuration, budget)
        } catch StoreFailure.corrupt(let cause) {
            setAside(try files.setAside(at: clock()), cause)
            database = try Self.connectToNew(files, configuration, budget)
        } catch let error as SpoolError {
            throw error
        } catch {
            throw SpoolError(.cannotOpen, "the spool can't be opened", path: files.path, underlying: error)
        }
        do {
            try load()
        } catch StoreFailure.corrupt(let cause) {
            try? database.close()
            setAside(try files.setAside(at: clock()), cause)
            database = try Self.connectToNew(files, configuration, budget)
        } catch {
            throw SpoolError(.cannotOpen, "the spool can't be read", path: files.path, underlying: error)
        }
        opened = files.identity
    }

    /// Whether the open file still has its name: nobody removed it, moved it, or put another one in its place.
    var isFileInPlace: Bool { opened != nil && files.identity == opened }

    /// What the start found; kept until it is taken.
    func takeFound() -> Found {
        defer { found = Found() }
        return found
    }

    /// When the daemon before last noted the time, in microseconds since 1970; nil where none did.
    var notedBefore: Int64? { lock?.notedBefore }

    /// Leaves the time of now to the next daemon.
    func noteTime() { lock?.note(clock()) }

    /// Ends the connection, and gives the lock back.
    func close() {
        try? database.close()
        lock = nil
    }

    /// Ends the connection to a corrupt database, and makes way for a new one. Nothing can be read or written before
    /// ``beginAnew()``.
    ///
    /// - Returns: Where the corrupt one is now; nil where its file is gone.
    func setAside() throws(SpoolError) -> String? {
        try? database.close()
        return files.exists && !isUnfinished ? try files.setAside(at: clock()) : nil
    }

    /// Begins a new database in place of one that was set aside.
    func beginAnew() throws(SpoolError) {
        try files.create()
        isUnfinished = true
        // It went with the folder, and another daemon could take one of the same name.
        if lock?.isGone == true { lock = try SpoolLock(files) }
        database = try Self.connectToNew(files, configuration, budget)
        opened = files.identity
        isUnfinished = false
        (messagesEver, bytesEver, digestsOnDisk, census, dataVersion) = (0, 0, 0, DeadLetterCensus(), 0)
    }

    /// Opens the database anew, since an I/O error may have left the connection unusable. The old one, from which rows
    /// can perhaps be read, stays until that succeeds.
    func reopen() throws(StoreFailure) {
        // Of a file that is gone, or can't be reached for now, the open connection is the last way to what waits.
        guard isFileInPlace else { return }
        do {
            let old = database
            database = try Self.connect(files, configuration, budget)
            try? old.close()
            // A new connection knows of no changes before it.
            dataVersion = 0
            try takeCensus()
        } catch {
            throw StoreFailure(error)
        }
    }

    /// Looks at the sizes of the files, as is due after each transaction and checkpoint.
    func measure() {
        sizes = files.sizes()
    }

    /// Goes by the limits of another configuration, in the database itself from ``limitDatabase()`` on, or once it is opened
    /// anew. Touches no disk.
    func changeLimits(to new: JournalConfiguration) {
        configuration.maxBytes = new.maxBytes
        configuration.minFreeBytes = new.minFreeBytes
        configuration.deadLetterMax = new.deadLetterMax
        budget = SpoolBudget(maxBytes: new.maxBytes)
    }

    /// Has the connection, which has its own idea of how large the files may be, go by the limits.
    func limitDatabase() throws(StoreFailure) {
        try read { [budget] in try Self.limit($0, to: budget) }
    }

    /// Whether another process has changed the database since the last call.
    func wasChangedByOthers() throws(StoreFailure) -> Bool {
        let version = try read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
        defer { dataVersion = version }
        return version != dataVersion
    }

    /// Counts the dead letters.
    func takeCensus() throws(StoreFailure) {
        census = try read { try DeadLetterCensus($0) }
    }

    /// The count to go by in a transaction: a command may have dropped letters since ``wasChangedByOthers()``.
    func currentCensus(_ database: Database) throws -> DeadLetterCensus {
        let version = try database.cachedStatement(sql: "PRAGMA data_version")
        return try Int.fetchOne(version) == dataVersion ? census : DeadLetterCensus(database)
    }

    /// Refuses a transaction that would leave the files too large, or the file system too full.
    func checkRoom(for bytes: Int) throws(StoreFailure) {
        if freeSpace.isDue(after: bytes, at: clock()) { freeSpace.bytes = files.freeBytes }
        if isFileSystemFull {
            // A command may have made the log large, which is room that can be given back.
            measure()
            guard sizes.log > budget.checkpointPages * SpoolBudget.pageSize else { throw .refused(.minFreeBytes) }
            try emptyLog()
            freeSpace.bytes = files.freeBytes
            if isFileSystemFull { throw .refused(.minFreeBytes) }
        }
        // Each of the tables may get one page, and rows fill their pages badly.
        try checkLog(for: bytes + bytes / 16 + 8 * SpoolBudget.pageSize)
    }

    /// Refuses so many more bytes of the log where it can't be emptied and the files would get too large: settlements too,
    /// which free pages of the database but take some of the log.
    func checkLog(for added: Int = 4 * SpoolBudget.pageSize) throws(StoreFailure) {
        guard sizes.log + added > budget.logBytes else { return }
        try emptyLog()
        guard sizes.log + added > budget.logBytes else { return }
        guard logBusyAt != nil else {
            if sizes.total + added > configuration.maxBytes { throw .refused(.maxBytes) }
            return
        }
        // Once nobody reads any more, the log's new pages go into the database while the log still has its size.
        let pages = try read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        let needed = 2 * added + max(0, pages * SpoolBudget.pageSize - sizes.database)
        if let free = files.freeBytes, free - needed < configuration.minFreeBytes { throw .refused(.minFreeBytes) }
        if sizes.total + needed > configuration.maxBytes { throw .refused(.heldByReader) }
    }

    /// As of when it was last asked for.
    private var isFileSystemFull: Bool {
        freeSpace.bytes.map { $0 < configuration.minFreeBytes } ?? false
    }

    /// Copies the log into the database, unless somebody reads: then it grows, and is tried again 5 s later, as each try
    /// waits for the reader.
    private func emptyLog() throws(StoreFailure) {
        if logBusyAt.map({ abs(clock() - $0) > 5_000_000 }) ?? true {
            logBusyAt = nil
            do {
                _ = try read { try $0.checkpoint(.truncate) }
            } catch .refused(.busy) {
                logBusyAt = clock()
            }
        }
        measure()
    }

    /// Runs `body` on the database, outside of any transaction.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreFailure) -> Value {
        do {
            return try database.writeWithoutTransaction(body)
        } catch {
            throw StoreFailure(error)
        }
    }

    private func load() throws {
        let found = try read { [clock] in try Found($0, now: clock()) }
        try takeCensus()
        // Where either throws, nothing of this file is the new one's.
        self.found = found
        (messagesEver, bytesEver, digestsOnDisk) = (found.messagesEver, found.bytesEver, found.duplicates.count)
        measure()
    }

    private static func connectToNew(
        _ files: SpoolFiles,
        _ configuration: JournalConfiguration,
        _ budget: SpoolBudget
    ) throws(SpoolError) -> DatabaseQueue {
        do {
            try files.create()
            return try connect(files, configuration, budget)
        } catch let error as SpoolError {
            throw error
        } catch {
            throw SpoolError(.cannotOpen, "a new spool can't be made", path: files.path, underlying: error)
        }
    }

    private static func connect(
        _ files: SpoolFiles,
        _ configuration: JournalConfiguration,
        _ budget: SpoolBudget
    ) throws -> DatabaseQueue {
        do {
            let queue = try DatabaseQueue(
                path: files.databaseName,
                configuration: SpoolSchema.configuration(busyTimeout: 1)
            )
            try queue.writeWithoutTransaction { database in
                let exists = try SpoolSchema.check(database, path: files.path)
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "PRAGMA synchronous = \(configuration.synchronous.rawValue)")
                try limit(database, to: budget)
                if !exists { try SpoolSchema.create(in: database) }
            }
            return queue
        } catch let error as SpoolError {
            throw error
        } catch {
            throw StoreFailure(error)
        }
    }

    private static func limit(_ database: Database, to budget: SpoolBudget) throws {
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(budget.checkpointPages)")
        try database.execute(sql: "PRAGMA journal_size_limit = \(budget.logBytes)")
        try database.execute(sql: "PRAGMA max_page_count = \(budget.databasePages)")
    }
}

/// The file system's room, asked for now and then.
private struct FreeSpace {
    var bytes: Int?
    private var written = 0
    private var askedAt: Int64 = .min

    mutating func isDue(after bytes: Int, at time: Int64) -> Bool {
        written += bytes
        guard written > 4_194_304 || time < askedAt || time - 100_000 > askedAt else { return false }
        (written, askedAt) = (0, time)
        return true
    }
}
